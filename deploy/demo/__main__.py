"""`make demo`: one true story through every part of Officegate, then the service stays up until Ctrl-C."""

import logging
import os
import signal
import sys

from deploy.demo.office import Office, is_root
from deploy.demo.steps import StepFailed, Steps
from deploy.demo.story import ADMIN, Story

INVITED = ("seoyeon.lee", "jiwoo.choi")


def main() -> int:
    """0 only if every step held."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # It warns of an attribute in FreeRADIUS's dictionaries that nobody here asks for.
    logging.getLogger("pyrad").setLevel(logging.ERROR)
    once = os.environ.get("ONCE", "") not in ("", "0")
    steps = Steps()
    print("Officegate: one office, end to end", flush=True)
    try:
        with Office(as_root=is_root()) as office:
            return tell(Story(office, steps), once)
    except KeyboardInterrupt:
        print("\nStopped.")
    return 0


def tell(story: Story, once: bool) -> int:
    """Play the story, then stay unless it is to be told once."""
    try:
        story.play()
    except StepFailed:
        print_log_tail(story.office)
        return 1
    print(f"Every step held, in {story.steps.elapsed_s:.0f} s.", flush=True)
    for reason in dict.fromkeys(story.steps.left_out):
        print(f"Left out: {reason}.")
    if not once:
        stay(story)
    return 0


def stay(story: Story) -> None:
    """Say where to click and with which accounts, and wait for Ctrl-C."""
    office = story.office
    print(f"\nPortal   {office.site}/        Console  {office.site}/console")
    print("Accounts (sign in as name@hangang; a code from the registration enrols a phone):")
    for uid in INVITED:
        password = office.head_office.person(uid).password
        role = "administrator" if uid == INVITED[1] else "employee"
        print(f"  {uid}@hangang  {password}  registration code {office.registration_code(uid)}  ({role})")
    assert story.admin_phone is not None
    print(
        f"  {ADMIN}@hangang  {office.head_office.person(ADMIN).password}  (administrator, already enrolled;"
    )
    print(f"     add the key {story.admin_phone.totp.secret} to an authenticator app)")
    print(f"Log      {office.log_path}")
    print(f"Commands OFFICEGATE_CONFIG={office.configuration} .venv/bin/officegate --help")
    print("Ctrl-C stops everything and removes it.", flush=True)
    signal.pause()


def print_log_tail(office: Office) -> None:
    """The end of the service's log, for whoever looks for the cause."""
    print("The end of the service's log:", *office.log.splitlines()[-40:], sep="\n  ", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
