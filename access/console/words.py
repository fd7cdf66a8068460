"""The codes of the database as words for people, and how grave each is. ◆"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from access.console.languages import language
from access.model import DesktopDuty, Reason, Role
from access.policy.words import DUTIES
from access.records.alarms import MEANINGS as ALARMS
from access.words.korean_notes import in_korean
from access.words.reasons import MEANINGS

WORDS: Mapping[str, object] = {
    "vpn": _("VPN"),
    "wired": _("Wired"),
    "wireless": _("Wi-Fi"),
    "portal": _("Portal"),
    "pap": _("password"),
    "chap": _("password, hashed (CHAP)"),
    "mschapv2": _("password, hashed (MSCHAPv2)"),
    "eap-tls": _("certificate (EAP-TLS)"),
    "eap-ttls-pap": _("EAP-TTLS password"),
    "eap-ttls-chap": _("EAP-TTLS CHAP"),
    "eap-ttls-mschapv2": _("EAP-TTLS MSCHAPv2"),
    "eap-ttls-eap-mschapv2": _("EAP-TTLS EAP-MSCHAPv2"),
    "eap-ttls-eap-gtc": _("EAP-TTLS EAP-GTC"),
    "peap-mschapv2": _("PEAP MSCHAPv2"),
    "peap-gtc": _("PEAP password"),
    "peap-eap-tls": _("PEAP certificate"),
    "eap-mschapv2": _("EAP-MSCHAPv2"),
    "eap-gtc": _("EAP-GTC password"),
    "eap-md5": _("EAP-MD5"),
    "home-server": _("by a server of the home realm"),
    "mab": _("by MAC address"),
    "web": _("web"),
    "admitted": _("admitted"),
    "live": _("live"),
    "ended": _("ended"),
    "active": _("in use"),
    "pending": _("not proven yet"),
    "revoked": _("removed"),
    "login": _("network login"),
    "sign-in": _("sign-in"),
    "enrolment": _("authenticator"),
    "session": _("session"),
    "policy": _("policy"),
    "desktop": _("desktop"),
    "enforcement": _("enforcement"),
    "nas": _("NAS"),
    "device": _("device"),
    "journal": _("record of a RADIUS worker"),
    "authority": _("certificate authority"),
    "certificate": _("certificate"),
    "authority.added": _("Certificate authority was added"),
    "certificate.issued": _("Certificate was issued"),
    "certificate.renewed": _("Certificate was renewed"),
    "certificate.revoked": _("Certificate was revoked"),
    "application": _("another application"),
    "application.code-taken": _("Another application had a code checked"),
    "application.code-not-taken": _("Another application's code was refused"),
    "local-user": _("person in no directory"),
    "local-group": _("group in no directory"),
    "LOCAL_USER_ADDED": _("Person in no directory was added"),
    "LOCAL_USER_EXTENDED": _("Person in no directory was approved again"),
    "LOCAL_USER_ENDED": _("Account of a person in no directory was ended"),
    "LOCAL_USER_PASSWORD": _("Password of a person in no directory was changed"),
    "LOCAL_GROUP_ADDED": _("Group in no directory made"),
    "LOCAL_GROUP_JOINED": _("Listed in a group in no directory"),
    "LOCAL_GROUP_LEFT": _("Taken off a group in no directory"),
    "LOCAL_GROUP_OWNER": _("Group in no directory has another owner"),
    "LOCAL_GROUP_REMOVED": _("Group in no directory taken away"),
    "LOCAL_USER_JOINED": _("Person in no directory joined a group"),
    "LOCAL_USER_LEFT": _("Person in no directory left a group"),
    "api-key": _("key of an application"),
    "API_KEY_ADDED": _("Key of an application was made"),
    "API_KEY_REVOKED": _("Key of an application was revoked"),
    "viewed": _("viewed"),
    "viewed.person": _("An administrator looked at it"),
    "viewed.list": _("A list was searched"),
    "audit": _("audit"),
    "audit.pruned": _("Old records were pruned"),
    "audit.exported": _("Records were exported"),
    "audit.erased": _("A person's records were made unreadable"),
    "directory": _("directory"),
    "directory.ended": _("A directory left the configuration; its people were disabled"),
    "directory.approved": _("A mass change of the directory was approved"),
    "directory.rejected": _("A mass change of the directory was rejected"),
    "directory.undone": _("A reading of the directory was undone"),
    "alarm": _("alarm"),
    "alarm.raised": _("Alarm was raised"),
    "alarm.cleared": _("Alarm was cleared"),
    "membership": _("membership"),
    "structure": _("structure"),
    "appended": _("appended to the password"),
    "challenge": _("asked for"),
    "none": _("none"),
    "yes": _("yes"),
    "no": _("no"),
    "sign-in.password-right": _("Password was right"),
    "remembered": _("remembered: the directory did not answer"),
    "sign-in.code-right": _("Signed in with a code"),
    "sign-in.passkey-right": _("Signed in with a passkey"),
    "sign-in.registration-right": _("Registration code was right"),
    "sign-in.code-mailed": _("Code was sent by mail"),
    "enrolment.bypass-issued": _("Bypass code was given out"),
    "pass.bypass": _("Bypass code: stands in for the phone"),
    "pass.registration": _("Registration code: registers a new phone"),
    "enrolment.lost": _("Phone was reported lost"),
    "enrolment.found": _("Phone that was reported lost counts again"),
    "sign-in.on-site": _("Registering began on site"),
    "enrolment.vouched": _("Colleague has vouched"),
    "enrolment.vouch-given": _("Vouched for a colleague"),
    "sign-in.vouches-spent": _("Registering began on the word of colleagues"),
    "enrolment.pass-asked": _("Helpdesk was asked for a code"),
    "enrolment.pass-agreed": _("Second administrator agreed to a code"),
    "act.unlock": _("Wrong codes: set back"),
    "act.resync": _("Codes are never right: find it again"),
    "act.give-back": _("Phone reported lost: let it count again"),
    "enrolment.act-asked": _("Second administrator was asked to help"),
    "enrolment.assigned": _("Hardware authenticator was given out"),
    "enrolment.resynced": _("Authenticator was found again"),
    "origin.registration": _("with a registration code"),
    "origin.on-site": _("on site"),
    "origin.handover": _("with the phone before it"),
    "origin.recovered": _("with a recovery code"),
    "origin.helpdesk": _("with a code of the helpdesk"),
    "origin.e-mail": _("with a code by mail"),
    "origin.imported": _("handed out"),
    "sign-in.refused": _("Sign-in was refused"),
    "sign-in.ended": _("Signed out"),
    "sign-in.acts-for": _("Went on in this company's account"),
    "sign-in.acts-no-more": _("Went on in the account of another company"),
    "person-link": _("link of accounts"),
    "person-relink": _("account of before"),
    "relink.phones": _("phones"),
    "relink.passkeys": _("passkeys"),
    "relink.network passwords": _("network passwords"),
    "relink.certificates": _("certificates"),
    "relink.sessions": _("sessions"),
    "RELINK_REFUSED": _("Two accounts with the same number are two people"),
    "PERSON_RELINKED": _("Account went on under a new entry of the directory"),
    "LINK_PROPOSED": _("Link to an account of another company was proposed"),
    "LINK_APPROVED": _("Link to an account of another company was approved"),
    "LINK_REFUSED": _("Link to an account of another company was refused"),
    "LINK_CUT": _("Link to an account of another company was cut"),
    "enrolment.invited": _("Registration code was given out"),
    "enrolment.begun": _("Registering a phone was begun"),
    "enrolment.proof-refused": _("First code of a phone was refused"),
    "enrolment.proven": _("Phone was registered"),
    "enrolment.recovery-renewed": _("New recovery codes were made"),
    "enrolment.revoked": _("Phone was removed"),
    "enrolment.unlocked": _("Waiting time was lifted"),
    "enrolment.imported": _("Code generator was taken over from another server"),
    "tokens": _("seeds"),
    "tokens.imported": _("Seeds were imported"),
    "tokens.exported": _("Seeds were exported"),
    "keys": _("keys"),
    "keys.changed": _("The key of all secrets was changed"),
    "enrolment.passkey-registered": _("Passkey was registered"),
    "enrolment.passkey-refused": _("Registering a passkey was refused"),
    "enrolment.passkey-revoked": _("Passkey was removed"),
    "enrolment.network-password-made": _("Network password was made"),
    "enrolment.network-password-revoked": _("Network password was revoked"),
    "login.accepted": _("Login was accepted"),
    "login.refused": _("Login was refused"),
    "session.started": _("Session began"),
    "session.ended": _("Session ended"),
    "session.address": _("Address of a session changed"),
    "session.not-ours": _("Accounting for a session that is not ours"),
    "session.disconnected": _("The NAS disconnected it"),
    "session.disconnect-refused": _("The NAS refused to disconnect it"),
    "session.disconnect-unanswered": _("The NAS did not answer"),
    "session.disconnect-proven": _("What the NAS was asked for is done"),
    "session.disconnect-unproven": _("The NAS said yes, but nothing proves it"),
    "session.disconnect-undone": _("The NAS goes on with what it said was ended"),
    "session.moved": _("Session should have another VLAN or role"),
    "session.reauthenticate-wanted": _("A new login was asked for"),
    "journal.unreadable": _("A record of a RADIUS worker could not be read"),
    "session.end-wanted": _("End of a session was asked for"),
    "session.right-lost": _("Session lost its right"),
    "session.reach-lost": _("Session reaches less"),
    "gateway.unconfirmed": _("Gateway did not confirm in time"),
    "gateway.drift-repaired": _("Gateway was put right"),
    "policy.published": _("Policy was published"),
    "policy.wave-began": _("Policy began to come in waves"),
    "policy.wave-moved": _("Policy in waves was moved on"),
    "policy.wave-held": _("Policy in waves was held"),
    "policy.wave-taken-back": _("Policy in waves was taken back"),
    "policy.draft-saved": _("Draft of the policy was kept"),
    "policy.draft-submitted": _("Draft of the policy was handed in"),
    "policy.draft-dropped": _("Draft of the policy was dropped"),
    "policy.approved": _("Draft of the policy was approved"),
    "grant.asked": _("Temporary access was asked for"),
    "grant.granted": _("Temporary access was granted"),
    "grant.extended": _("Temporary access was prolonged"),
    "grant.refused": _("Temporary access was refused"),
    "grant.ended": _("Temporary access ended"),
    "grant.lapsed": _("Temporary access was decided by nobody"),
    "opening.asked": _("Opening was asked for"),
    "opening.begun": _("Office was opened"),
    "opening.ended": _("Office was closed"),
    "opening.lapsed": _("Opening was agreed to by nobody"),
    "opening.codes-made": _("Sealed codes were made"),
    "office-open": _("nobody checked the password"),
    "containment.asked": _("Containment was asked for"),
    "containment.begun": _("Containment began"),
    "containment.ended": _("Containment ended"),
    "containment.lapsed": _("Containment was agreed to by nobody"),
    "standing": _("Rule beside the policy"),
    "review": _("Review of rules"),
    "review.started": _("Review of rules was started"),
    "review.signed": _("A rule under review was signed for"),
    "review.closed": _("Review of rules was closed"),
    "review.announced": _("It was announced what will come of rules nobody signs for"),
    "review.resumed": _("A rule that a review had stopped speaks again"),
    "NAS_ADDED": _("NAS was added"),
    "NAS_CERTIFICATE_ADDED": _("Certificate of a NAS was added"),
    "NAS_CERTIFICATE_REMOVED": _("Certificate of a NAS was removed"),
    "NAS_CHANGED": _("NAS was changed"),
    "NAS_SECRET_ADDED": _("NAS was given a second secret"),
    "NAS_SECRET_ENDED": _("Old secret of a NAS was ended"),
    "NAS_SECRET_ABANDONED": _("New secret of a NAS was given up"),
    "NAS_REMOVED": _("NAS was removed"),
    "DEVICE_ADDED": _("Device was added"),
    "DEVICE_REMOVED": _("Device was removed"),
    "ENDPOINT_ADDED": _("Endpoint was registered"),
    "ENDPOINT_OWNER": _("Endpoint has another owner"),
    "ENDPOINT_REMOVED": _("Endpoint was removed"),
    "DRIFT": _("somebody else had changed it"),
    "STOPPED": _("ended at the device"),
    "NAS_RESTARTED": _("the NAS restarted"),
    "LOGGED_IN_AGAIN": _("logged in again"),
    "TIMED_OUT": _("its time was over"),
    "DISCONNECTED": _("disconnected by us"),
    "WENT_SILENT": _("the NAS reported nothing any more"),
    "NEVER_REPORTED": _("the NAS never reported it"),
    "acked": _("the NAS said yes"),
    "proven": _("done"),
    "unproven": _("said to be done, not proven"),
    "naked": _("the NAS refuses"),
    "silent": _("the NAS does not answer"),
    "reauthenticate": _("log in again"),
    "end": _("end"),
    "wish": _("Asked for"),
    "UNCONFIRMED": _("not confirmed"),
    "requests": _("Requests"),
    "accepts": _("Accepted"),
    "rejects": _("Refused"),
    "challenges": _("Asked to go on"),
    "accounting_requests": _("Accounting requests"),
    "accounting_responses": _("Accounting answered"),
    "status_requests": _("Asked whether we are there"),
    "forwarded": _("Handed to another worker"),
    "malformed": _("Malformed"),
    "unexpected_codes": _("Not meant for this port"),
    "bad_authenticators": _("Made with another secret"),
    "missing_message_authenticators": _("Without a Message-Authenticator"),
    "duplicates_answered": _("Repeats answered"),
    "duplicates_dropped": _("Repeats while it was worked on"),
    "eap_discarded": _("Late EAP answers"),
    "overload_dropped": _("Dropped in an overload"),
    "unanswered": _("Not answered in time"),
    "password": _("Password"),
    "code": _("Code"),
    "prompt": _("Waiting for the code"),
    "decision": _("Policy"),
    "report": _("RADIUS"),
    "EAP": _("EAP conversation"),
    "alive": _("answers"),
    "zombie": _("does not answer, still tried"),
    "dead": _("given up until it answers"),
    "sent": _("Requests sent on"),
    "answered": _("Answered by home servers"),
    "moved_on": _("Moved on to the next server"),
    "unavailable": _("Answered by no home server"),
    "loops": _("Came back to us"),
    "bad_replies": _("Replies that do not verify"),
    "late_replies": _("Replies that came too late"),
    "accounting_lost": _("Accounting that was lost"),
    "home server": _("Home server"),
    "resumption": _("Resumed TLS"),
    "waiting": _("Waiting for its turn"),
    "realm": _("Realm"),
    "given": _("Attributes of the answer"),
    "privilege": _("Privilege"),
    "via": _("Way in"),
    "name": _("User name"),
    "endpoint": _("Endpoint"),
    "method": _("Method"),
    "ssid": _("Wi-Fi network (SSID)"),
    "port": _("Port"),
    "what": _("Result"),
    "permits": _("Rules that permit"),
    "forbids": _("Rules that forbid"),
    "failed": _("Conditions not met"),
    "failure": _("Failure"),
    "said": _("What it said"),
    "desktop.taken": _("Desktop was taken"),
    "desktop.given-back": _("Desktop was given back"),
    "desktop.right-lost": _("Right to a desktop ended"),
    Role.EMPLOYEE.value: _("employee"),
    Role.HELPDESK.value: _("helpdesk"),
    Role.AUDITOR.value: _("auditor"),
    Role.ADMIN.value: _("administrator"),
}
GOOD = frozenset({"live", "active", "permitted", "ok", "PERMITTED", "proven"})
WAITING = frozenset({"admitted", "pending", "wanted", "acked"})


@dataclass(frozen=True, slots=True)
class Told:
    """A reason for a reader: its title, what its owner can do, what an administrator can do."""

    code: str
    title: str
    owner: str
    administrator: str


def name_of(code: str) -> str:
    """The word for a code; a code that has none is shown as it is."""
    return str(WORDS.get(code, code))


def note_of(text: str) -> str:
    """A note of an alarm or a failure, in the language of the request as far as it has words for it."""
    return in_korean(text) if language() == "ko" else text


def tone_of(code: str) -> str:
    """good, wait, bad or quiet: the colour that goes with the word."""
    if code in GOOD:
        return "good"
    if code in WAITING:
        return "wait"
    return "quiet" if code in ("ended", "revoked", "") else "bad"


def spell_duty(duty: DesktopDuty) -> str:
    """What is owed where somebody has a desktop, in the language of the request."""
    return DUTIES[duty].to(language())


def explain_reason(code: str | Reason) -> Told | None:
    """What a reason means, in the language of the request; None for what is not one."""
    try:
        meaning = MEANINGS[Reason(code)]
    except ValueError:
        return None
    to = language()
    return Told(str(code), meaning.title.to(to), meaning.owner.to(to), meaning.administrator.to(to))


@dataclass(frozen=True, slots=True)
class Advice:
    """An alarm for a reader."""

    title: str
    todo: str


def explain_alarm(kind: str) -> Advice | None:
    """What an alarm means and what to do, in the language of the request; None for an unknown kind."""
    found = ALARMS.get(kind)
    return Advice(found.title.to(language()), found.todo.to(language())) if found else None
