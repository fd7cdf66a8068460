"""What one run of the command line works with, opened when a command first asks for it. ◆"""

from functools import cached_property
from pathlib import Path

import click

from access.app import App, open_app, open_radius, open_unmigrated
from access.config import Settings, load


class Invocation:
    """The configuration file that was named, and the installation it describes.

    A command takes it with @passed. What is opened is closed when the command ends.
    """

    def __init__(self, config_file: Path) -> None:
        self.config_file = config_file

    @cached_property
    def settings(self) -> Settings:
        """The settings. Raises ConfigErrors."""
        return load(self.config_file)

    def app(self) -> App:
        """The installation, ready for use. Raises ConfigErrors, NotMigrated, KeyFileRefused, Unavailable."""
        return self._app

    def radius(self) -> App:
        """The same for the RADIUS service, which a database that is away does not stop."""
        app = open_radius(self.settings)
        click.get_current_context().call_on_close(app.close)
        return app

    def unmigrated(self) -> App:
        """The installation whatever the state of its database. Raises ConfigErrors, KeyFileRefused."""
        app = open_unmigrated(self.settings)
        click.get_current_context().call_on_close(app.close)
        return app

    @cached_property
    def _app(self) -> App:
        app = open_app(self.settings)
        click.get_current_context().call_on_close(app.close)
        return app


passed = click.make_pass_decorator(Invocation)
