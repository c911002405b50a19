from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        from django.core.checks import register

        from portal import checks
        from portal.access import rights, throttle

        for check, tag, is_for_deploy in checks.ALL:
            register(check, tag, deploy=is_for_deploy)
        rights.watch()
        throttle.log_failures()
