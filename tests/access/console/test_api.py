"""The API: one route, its description, and the same doors as the pages."""


def test_reach_as_json_says_what_and_why(town, visit):
    town.publish()
    visitor = visit("minjun.kim@hangang")

    told = visitor.get("/api/v1/me/reach").json

    by_name = {each["name"]: each for each in told["objects"]}
    assert told["user"] == "minjun.kim@hangang"
    assert len(told["revision"]) == 64
    assert by_name["intranet"]["permitted"] is True
    assert by_name["payroll"]["permitted"] is False
    assert by_name["payroll"]["reason"] == "NO_PERMIT"
    assert any("hangang/it-admins" in line for line in by_name["payroll"]["explanation"])
    assert "namsan-lab" not in by_name


def test_without_a_policy_there_is_nothing_to_reach(visit):
    told = visit("minjun.kim@hangang").get("/api/v1/me/reach").json

    assert told == {"user": "minjun.kim@hangang", "revision": "", "objects": []}


def test_a_program_that_is_not_signed_in_is_told_so_in_json(visit):
    answer = visit().get("/api/v1/me/reach")

    assert answer.status_code == 401
    assert answer.json["title"] == "You are not signed in"


def test_a_program_that_asks_for_nothing_there_gets_json_too(visit):
    answer = visit().get("/api/v1/nowhere")

    assert answer.status_code == 404
    assert answer.json["status"] == 404


def test_the_description_names_every_route_under_it(pages, visit):
    described = visit().get("/api/v1/openapi.json").json
    routes = {rule.rule for rule in pages.url_map.iter_rules() if rule.rule.startswith("/api/v1/")}

    assert described["openapi"] == "3.0.3"
    assert set(described["paths"]) == routes - {"/api/v1/openapi.json"}
    assert described["components"]["securitySchemes"]["session"]["name"] == "officegate"
