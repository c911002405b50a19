"""Mask the secret values in the rows of runs.

Of a run that has not ended the words go into its file of secrets first: it is still to be started,
or may be started again. Masks cannot be taken back, so the way back does nothing.
"""

from django.conf import settings
from django.db import migrations

from registry_app.arguments.secret_names import MASKED, is_secret
from runs_app.runner.command import secret_words
from runs_app.runner.command.known import KnownParameters
from runs_app.system import secret_values

ENDED = {"finalizing", "succeeded", "failed", "errored", "cancelled", "timed_out", "lost"}


def mask(apps, schema_editor):
    runs = apps.get_model("runs_app", "Run").objects.using(schema_editor.connection.alias)
    for run in runs.filter(secrets=[]).order_by("pk").iterator(chunk_size=500):
        values = {name: value for name, value in run.params.items() if is_secret(name, value)}
        argv = _marked(run.argv, values)
        extra = _marked(run.extra_args, values)
        hidden = secret_words.hidden(argv)
        if not (values or hidden or secret_words.hidden(extra)):
            continue
        host = run.host
        if run.status not in ENDED and hidden:
            secret_values.keep(run.uuid, hidden)
            host = host or settings.GUARDIANFLOW_HOST
        runs.filter(pk=run.pk).update(
            host=host,
            argv=list(secret_words.shown(argv)),
            extra_args=list(secret_words.shown(extra)),
            params=run.params | dict.fromkeys(values, MASKED),
            secrets=list(dict.fromkeys([*values, *secret_words.names(argv)])),
        )


def _marked(words, values):
    """Mark the words that hold one of the values, and those behind an option of a secret name."""
    texts = {}
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            texts[str(one)] = name
    found = []
    for word in words:
        option, sign, value = word.partition("=")
        if word in texts:
            found.append(secret_words.SecretWord(word, shown=MASKED, of=texts[word]))
        elif sign and value in texts:
            found.append(
                secret_words.SecretWord(word, shown=f"{option}={MASKED}", of=texts[value])
            )
        else:
            found.append(word)
    return secret_words.marked(found, KnownParameters(()))


class Migration(migrations.Migration):
    dependencies = [("runs_app", "0009_show_how_hosts_isolate_scripts")]

    operations = [migrations.RunPython(mask, migrations.RunPython.noop)]
