# SPDX-License-Identifier: Apache-2.0
"""An nginx that can be asked whether it is well."""

from support.servers import Nginx


class HealthyNginx(Nginx):
    """Answers GET /health for shop.example by 200, or by 503 while it is ailing; any other name is misdirected."""

    def __init__(self):
        super().__init__()
        (self.directory / "files").mkdir()
        (self.directory / "files" / "name").write_text(self.directory.name)

    def command(self):
        command = super().command()
        configuration = self.directory / "nginx.conf"
        text = configuration.read_text().replace("dav_methods PUT;", f"""
              location = /health {{
                if ($host != "shop.example") {{ return 421; }}
                if (-f {self.directory}/ailing) {{ return 503; }}
                return 200 "well";
              }}""")
        assert "/health" in text
        configuration.write_text(text.replace("access_log off", f"access_log {self.directory}/accesses"))
        return command

    def fall_ill(self):
        (self.directory / "ailing").touch()

    def recover(self):
        (self.directory / "ailing").unlink()

    @property
    def name(self):
        return self.directory.name
