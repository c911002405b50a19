from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RunsAppConfig(AppConfig):
    name = "runs_app"
    verbose_name = _("Runs")
    default_auto_field = "django.db.models.BigAutoField"
