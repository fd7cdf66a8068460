from tests.access.commands.conftest import Run


def test_a_key_is_made_shown_once_listed_and_revoked(officegate: Run):
    status, printed, _ = officegate(
        "api-key", "add", "mail-gateway", "--organization", "hangang", "--scope", "otp-verify"
    )
    assert status == 0
    assert printed.startswith("The key of mail-gateway, shown this once: og_1_")

    _, listed, _ = officegate("api-key", "list")
    assert listed.startswith("mail-gateway: hangang, otp-verify, made ")
    assert listed.endswith("last used never\n")
    assert printed.split("_", 2)[2].strip() not in listed

    assert officegate("api-key", "revoke", "mail-gateway")[:2] == (
        0,
        "The key of mail-gateway is revoked.\n",
    )
    assert ", revoked " in officegate("api-key", "list")[1]
    status, _, complaint = officegate("api-key", "revoke", "mail-gateway")
    assert status != 0
    assert "officegate api-key list" in complaint


def test_what_cannot_be_is_said_with_what_to_do(officegate: Run):
    wanted = ("--scope", "otp-verify")
    assert "write one of hangang" in officegate("api-key", "add", "a", "--organization", "x", *wanted)[2]
    officegate("api-key", "add", "a", "--organization", "hangang", *wanted)
    assert "Revoke it first" in officegate("api-key", "add", "a", "--organization", "hangang", *wanted)[2]


def test_both_stand_in_the_record(officegate: Run):
    officegate("api-key", "add", "a", "--organization", "hangang", "--scope", "otp-verify")
    officegate("api-key", "revoke", "a")

    _, printed, _ = officegate("audit", "show")
    assert "api-key API_KEY_ADDED" in printed
    assert "api-key API_KEY_REVOKED" in printed


def test_a_key_may_be_good_for_several_things(officegate: Run):
    scopes = ("--scope", "explain", "--scope", "otp-verify")
    assert officegate("api-key", "add", "watch", "--organization", "hangang", *scopes)[0] == 0

    assert officegate("api-key", "list")[1].startswith("watch: hangang, explain otp-verify, made ")
    assert officegate("api-key", "add", "b", "--organization", "hangang", "--scope", "everything")[0] == 2
