from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistryAppConfig(AppConfig):
    name = "registry_app"
    verbose_name = _("Registry")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from registry_app.changes.change_sets import tie_history_to_change_sets

        tie_history_to_change_sets()
