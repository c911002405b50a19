"""Make all tables of runs at once, for a database that has none.

A database with only some of the replaced migrations goes through the others one by one, and one
with all of them only notes this one: docs/decisions/0048-squash-migrations.md.
"""

import django.db.models.deletion
import django.utils.timezone
import registry_app.models.message_field
import uuid
from django.conf import settings
from django.db import migrations, models

from runs_app.comparing.default_metrics import DEFAULTS


def fill(apps, schema_editor):
    rows = apps.get_model("runs_app", "MainMetric").objects.using(schema_editor.connection.alias)
    for task_type, names in DEFAULTS.items():
        rows.get_or_create(
            task_type=task_type, defaults={"names": list(names), "direction": "name"}
        )


class Migration(migrations.Migration):

    replaces = [
        ('runs_app', '0001_initial'),
        ('runs_app', '0002_find_unsent_runs_by_host'),
        ('runs_app', '0003_keep_what_a_run_left'),
        ('runs_app', '0004_limit_logs_and_refuse_impossible_states'),
        ('runs_app', '0005_give_gpus_and_drain_hosts'),
        ('runs_app', '0006_let_reasons_be_reworded'),
        ('runs_app', '0007_keep_which_values_are_secret'),
        ('runs_app', '0008_remember_where_runs_start'),
        ('runs_app', '0009_show_how_hosts_isolate_scripts'),
        ('runs_app', '0010_mask_secrets_of_runs'),
        ('runs_app', '0011_note_what_was_given'),
        ('runs_app', '0012_note_why_runs_failed'),
        ('runs_app', '0013_keep_mlflow_experiments'),
        ('runs_app', '0014_fill_mlflow_experiments'),
        ('runs_app', '0015_keep_where_scripts_start'),
        ('runs_app', '0016_read_sentences_as_messages'),
        ('runs_app', '0017_say_errored_runs_have_no_exit_status'),
        ('runs_app', '0018_keep_sentences_as_messages'),
        ('runs_app', '0019_read_more_sentences_as_messages'),
        ('runs_app', '0020_keep_variables_of_one_run'),
        ('runs_app', '0021_keep_what_lists_show'),
        ('runs_app', '0022_fill_main_metrics'),
        ('runs_app', '0023_index_what_lists_sort_by'),
    ]

    initial = True

    dependencies = [
        ('auth', '__first__'),
        ('registry_app', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='HostHeartbeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('host', models.CharField(max_length=255, unique=True, verbose_name='host')),
                ('boot_id', models.CharField(max_length=64)),
                ('tick_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='last tick')),
                ('slots', models.PositiveSmallIntegerField(default=2, verbose_name='slots')),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='worker started')),
                ('gpus', models.JSONField(default=list, verbose_name='GPUs')),
                ('gpu_error', models.CharField(blank=True, max_length=300)),
                ('isolation', models.JSONField(default=dict, verbose_name='isolation')),
                ('drained_at', models.DateTimeField(blank=True, null=True, verbose_name='drained')),
                ('drained_by', models.CharField(blank=True, max_length=150, verbose_name='drained by')),
            ],
            options={
                'verbose_name': 'worker host',
                'verbose_name_plural': 'worker hosts',
                'ordering': ('host',),
                'permissions': [('drain_host', 'Can drain hosts')],
            },
        ),
        migrations.CreateModel(
            name='MainMetric',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('task_type', models.CharField(blank=True, error_messages={'unique': 'There is already a main metric for this task type.'}, help_text='As in experiments, for example ppe; empty: all task types without a row.', max_length=60, unique=True, verbose_name='task type')),
                ('names', models.JSONField(default=list, help_text='The first one that a run has is its main metric. Case, punctuation and prefixes such as val/ or metrics/ do not matter; * stands for any characters.', verbose_name='names of metrics')),
                ('direction', models.CharField(choices=[('up', 'higher'), ('down', 'lower'), ('name', 'by the name: losses, errors and times lower, others higher')], default='name', max_length=6, verbose_name='better is')),
            ],
            options={
                'verbose_name': 'main metric',
                'verbose_name_plural': 'main metrics',
                'ordering': ('task_type',),
                'constraints': [models.CheckConstraint(condition=models.Q(('direction__in', ['up', 'down', 'name'])), name='main_metric_direction_exists', violation_error_message='This direction does not exist.')],
            },
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('type', models.CharField(choices=[('train', 'Train'), ('infer', 'Infer'), ('quant', 'Quantize'), ('eval', 'Evaluate'), ('data', 'Prepare data'), ('demo', 'Demo')], max_length=10, verbose_name='type')),
                ('version', models.CharField(blank=True, help_text='A label of the run; it never chooses the script.', max_length=100, verbose_name='version')),
                ('script', models.CharField(max_length=500, verbose_name='script')),
                ('params', models.JSONField(default=dict, verbose_name='parameters')),
                ('given', models.JSONField(blank=True, editable=False, null=True, verbose_name='given parameters')),
                ('left_to_script', models.JSONField(default=dict, editable=False)),
                ('extra_args', models.JSONField(default=list, verbose_name='extra arguments')),
                ('argv', models.JSONField(default=list, verbose_name='command')),
                ('secrets', models.JSONField(default=list, verbose_name='secret values')),
                ('cwd', models.CharField(max_length=1000, verbose_name='directory')),
                ('working_directory', models.CharField(blank=True, max_length=500, verbose_name='working directory')),
                ('environment', models.JSONField(blank=True, default=dict, verbose_name='environment variables')),
                ('given_environment', models.JSONField(default=dict, editable=False)),
                ('real_cwd', models.CharField(blank=True, editable=False, max_length=4096)),
                ('interpreter', models.CharField(max_length=1000, verbose_name='interpreter')),
                ('warnings', models.JSONField(default=list, verbose_name='warnings')),
                ('note', models.CharField(blank=True, max_length=1000, verbose_name='note')),
                ('priority', models.SmallIntegerField(default=0, help_text='From -100 to 100; higher goes first.', verbose_name='priority')),
                ('overlap', models.BooleanField(default=False, verbose_name='may overlap')),
                ('timeout_s', models.PositiveIntegerField(blank=True, null=True, verbose_name='time limit (s)')),
                ('grace_s', models.PositiveIntegerField(default=10, verbose_name='grace (s)')),
                ('log_limit_mib', models.PositiveIntegerField(blank=True, null=True, verbose_name='log limit (MiB)')),
                ('background', models.BooleanField(default=False, verbose_name='may leave processes')),
                ('gpus', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='GPUs')),
                ('gpu_memory_mib', models.PositiveIntegerField(blank=True, null=True, verbose_name='GPU memory (MiB)')),
                ('gpu_memory_past_mib', models.PositiveIntegerField(blank=True, null=True)),
                ('gpu_memory_peak_mib', models.PositiveIntegerField(blank=True, null=True, verbose_name='GPU memory used at most (MiB)')),
                ('forced', models.BooleanField(default=False)),
                ('status', models.CharField(choices=[('queued', 'Queued'), ('starting', 'Starting'), ('running', 'Running'), ('finalizing', 'Finalizing'), ('succeeded', 'Succeeded'), ('failed', 'Failed'), ('errored', 'Errored'), ('cancelled', 'Cancelled'), ('timed_out', 'Timed out'), ('lost', 'Lost')], default='queued', max_length=12, verbose_name='status')),
                ('status_changed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('reason_code', models.CharField(default='waits_for_worker', max_length=30)),
                ('reason_values', models.JSONField(default=dict)),
                ('notices', models.JSONField(default=dict)),
                ('outcome', models.CharField(blank=True, choices=[('queued', 'Queued'), ('starting', 'Starting'), ('running', 'Running'), ('finalizing', 'Finalizing'), ('succeeded', 'Succeeded'), ('failed', 'Failed'), ('errored', 'Errored'), ('cancelled', 'Cancelled'), ('timed_out', 'Timed out'), ('lost', 'Lost')], max_length=12, verbose_name='outcome')),
                ('exit_code', models.IntegerField(blank=True, help_text='As a shell shows it: 128 + signal when killed.', null=True, verbose_name='exit status')),
                ('queued_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='queued')),
                ('queued_date', models.DateField(default=django.utils.timezone.localdate, editable=False)),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='started')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
                ('cancel_requested_at', models.DateTimeField(blank=True, null=True, verbose_name='cancel requested')),
                ('cancel_requested_by', models.CharField(blank=True, max_length=150, verbose_name='cancelled by')),
                ('host', models.CharField(blank=True, max_length=255, verbose_name='host')),
                ('boot_id', models.CharField(blank=True, max_length=64)),
                ('foreground', models.BooleanField(default=False)),
                ('launches', models.PositiveSmallIntegerField(default=0)),
                ('cause', models.JSONField(default=dict, verbose_name='cause')),
                ('lease_token', models.UUIDField(blank=True, null=True)),
                ('summarised', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('main_metric', models.CharField(blank=True, editable=False, max_length=250, verbose_name='main metric')),
                ('main_value', models.FloatField(blank=True, editable=False, null=True, verbose_name='value')),
                ('is_best', models.BooleanField(default=False, editable=False, verbose_name='best so far')),
                ('changed_params', models.JSONField(default=dict, editable=False, verbose_name='changed parameters')),
                ('duration_s', models.FloatField(blank=True, editable=False, null=True, verbose_name='duration (s)')),
                ('data_key', models.CharField(blank=True, editable=False, max_length=300)),
                ('classes_key', models.CharField(blank=True, editable=False, max_length=64)),
                ('labels', models.JSONField(blank=True, default=list, verbose_name='labels')),
                ('is_marked', models.BooleanField(default=False, verbose_name='only for comparison')),
                ('source_changed', models.JSONField(blank=True, null=True, verbose_name='source files changed')),
                ('logs_removed_at', models.DateTimeField(blank=True, null=True, verbose_name='logs removed')),
                ('folder_removed_at', models.DateTimeField(blank=True, null=True, verbose_name='run folder removed')),
                ('mlflow_state', models.CharField(choices=[('pending', 'Pending'), ('sending', 'Sending'), ('sent', 'Sent')], default='pending', max_length=8, verbose_name='MLflow state')),
                ('mlflow_experiment', models.CharField(blank=True, max_length=500, verbose_name='MLflow experiment')),
                ('mlflow_experiment_id', models.CharField(blank=True, max_length=64)),
                ('mlflow_run_id', models.CharField(blank=True, max_length=64, verbose_name='MLflow run')),
                ('mlflow_error', registry_app.models.message_field.MessageField(blank=True, default=None, editable=False, verbose_name='MLflow error')),
                ('mlflow_attempts', models.PositiveIntegerField(default=0)),
                ('mlflow_next_at', models.DateTimeField(blank=True, null=True)),
                ('experiment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='registry_app.experiment', verbose_name='experiment')),
                ('queued_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='queued by')),
                ('rerun_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='runs_app.run', verbose_name='again of')),
            ],
            options={
                'verbose_name': 'run',
                'verbose_name_plural': 'runs',
                'ordering': ('-id',),
                'permissions': [('queue_run', 'Can run scripts'), ('cancel_run', 'Can cancel runs')],
                'indexes': [models.Index(fields=['status', 'id'], name='run_by_status'), models.Index(fields=['experiment', '-id'], name='run_by_experiment'), models.Index(fields=['queued_date'], name='run_by_date'), models.Index(condition=models.Q(('mlflow_state', 'sent'), _negated=True), fields=['host', 'mlflow_next_at'], name='run_unsent'), models.Index(condition=models.Q(('started_at__isnull', False), ('summarised', 0)), fields=['host', 'id'], name='run_unsummarised'), models.Index(fields=['experiment', 'type', '-id'], name='run_by_entry_point'), models.Index(fields=['main_value', 'id'], name='run_by_main_value'), models.Index(fields=['finished_at', 'status'], name='run_by_end'), models.Index(fields=['duration_s', 'id'], name='run_by_duration'), models.Index(fields=['script'], name='run_by_script'), models.Index(condition=models.Q(('version', ''), _negated=True), fields=['version'], name='run_by_version'), models.Index(condition=models.Q(('note', ''), _negated=True), fields=['id'], name='run_with_note'), models.Index(condition=models.Q(('is_best', True)), fields=['experiment', 'type'], name='run_best_of_experiment')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('overlap', False), ('status__in', ['finalizing', 'running', 'starting'])), fields=('experiment',), name='run_one_per_experiment', violation_error_message="Another run is using this experiment's directory."), models.CheckConstraint(condition=models.Q(('priority__range', (-100, 100))), name='run_priority_in_range', violation_error_message='The priority is a whole number from -100 to 100.'), models.CheckConstraint(condition=models.Q(('status__in', ['queued', 'starting', 'running', 'finalizing', 'succeeded', 'failed', 'errored', 'cancelled', 'timed_out', 'lost'])), name='run_status_exists', violation_error_message='This status does not exist.'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['finalizing', 'running', 'starting']), _negated=True), models.Q(('host', ''), _negated=True), _connector='OR'), name='run_on_host_names_host', violation_error_message='A run that is on a machine names that machine.'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['cancelled', 'errored', 'failed', 'lost', 'succeeded', 'timed_out']), _negated=True), ('finished_at__isnull', False), _connector='OR'), name='run_ended_has_end_time', violation_error_message='A run that has ended has an end time.'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'succeeded'), _negated=True), ('exit_code', 0), _connector='OR'), name='run_succeeded_exited_zero', violation_error_message='A run succeeds only with exit status 0.'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['queued', 'starting', 'running']), _negated=True), models.Q(('exit_code__isnull', True), ('finished_at__isnull', True), ('outcome', '')), _connector='OR'), name='run_going_on_has_no_end', violation_error_message='A run that goes on has neither end nor outcome.'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'queued'), _negated=True), ('started_at__isnull', True), _connector='OR'), name='run_queued_has_no_start', violation_error_message='A queued run has not started.'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'running'), _negated=True), ('started_at__isnull', False), _connector='OR'), name='run_running_has_start_time', violation_error_message='A running run has a start time.'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'finalizing'), _negated=True), ('outcome__in', ['cancelled', 'errored', 'failed', 'lost', 'succeeded', 'timed_out']), _connector='OR'), name='run_finalizing_has_outcome', violation_error_message='A run that is being closed shows its outcome.'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['cancelled', 'errored', 'failed', 'lost', 'succeeded', 'timed_out']), _negated=True), ('outcome', models.F('status')), _connector='OR'), name='run_ended_as_it_showed', violation_error_message='A run ends in the state that its outcome says.'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['errored', 'lost']), _negated=True), ('exit_code__isnull', True), _connector='OR'), name='run_without_witness_no_status', violation_error_message='An errored or lost run has no exit status.'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['failed', 'timed_out']), _negated=True), ('exit_code__isnull', False), _connector='OR'), name='run_failed_has_exit_status', violation_error_message='A run that failed has an exit status.'), models.CheckConstraint(condition=models.Q(('started_at__isnull', True), ('finished_at__isnull', True), ('finished_at__gte', models.F('started_at')), _connector='OR'), name='run_ends_after_its_start', violation_error_message='A run does not end before its start.')],
            },
        ),
        migrations.CreateModel(
            name='GpuLease',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('host', models.CharField(max_length=255, verbose_name='host')),
                ('device', models.CharField(help_text='UUID of the GPU.', max_length=96, verbose_name='device')),
                ('index', models.PositiveSmallIntegerField(verbose_name='number')),
                ('name', models.CharField(blank=True, max_length=100, verbose_name='name')),
                ('taken_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='taken')),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='released')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='gpu_leases', to='runs_app.run', verbose_name='run')),
            ],
            options={
                'verbose_name': 'GPU lease',
                'verbose_name_plural': 'GPU leases',
                'ordering': ('run', 'index'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('released_at__isnull', True)), fields=('host', 'device'), name='gpu_lease_one_run_per_device', violation_error_message='Another run is using this GPU.')],
            },
        ),
        migrations.CreateModel(
            name='RunFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(help_text='Inside the experiment.', max_length=1000, verbose_name='path')),
                ('change', models.CharField(choices=[('created', 'Created'), ('changed', 'Changed'), ('deleted', 'Deleted')], max_length=8, verbose_name='change')),
                ('size_bytes', models.PositiveBigIntegerField(verbose_name='size (bytes)')),
                ('sha256', models.CharField(blank=True, max_length=64, verbose_name='SHA-256')),
                ('kept', models.CharField(blank=True, help_text='Path of the copy inside the run folder.', max_length=1200)),
                ('artifact', models.CharField(blank=True, max_length=1200, verbose_name='artifact')),
                ('left_out', registry_app.models.message_field.MessageField(blank=True, default=None, editable=False, verbose_name='skipped because')),
                ('members', models.PositiveIntegerField(blank=True, null=True)),
                ('uncertain', models.BooleanField(default=False, verbose_name='uncertain')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='runs_app.run', verbose_name='run')),
            ],
            options={
                'verbose_name': 'file',
                'verbose_name_plural': 'files',
                'ordering': ('path',),
                'constraints': [models.UniqueConstraint(fields=('run', 'path'), name='run_file_path_unique')],
            },
        ),
        migrations.CreateModel(
            name='RunMetric',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=250, verbose_name='name')),
                ('last', models.FloatField(null=True, verbose_name='last value')),
                ('best', models.FloatField(null=True, verbose_name='best value')),
                ('lowest', models.FloatField(null=True, verbose_name='least value')),
                ('highest', models.FloatField(null=True, verbose_name='greatest value')),
                ('points', models.PositiveIntegerField(default=1, verbose_name='points')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='metrics', to='runs_app.run', verbose_name='run')),
            ],
            options={
                'verbose_name': 'metric of a run',
                'verbose_name_plural': 'metrics of runs',
                'ordering': ('id',),
                'indexes': [models.Index(fields=['name', 'best', 'run'], name='run_metric_by_best')],
                'constraints': [models.UniqueConstraint(fields=('run', 'name'), name='run_metric_once')],
            },
        ),
        migrations.CreateModel(
            name='RunParameter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=250, verbose_name='name')),
                ('text', models.CharField(blank=True, max_length=250, verbose_name='value')),
                ('number', models.FloatField(null=True, verbose_name='number')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parameters', to='runs_app.run', verbose_name='run')),
            ],
            options={
                'verbose_name': 'parameter of a run',
                'verbose_name_plural': 'parameters of runs',
                'ordering': ('id',),
                'indexes': [models.Index(fields=['name', 'number', 'run'], name='run_parameter_by_number'), models.Index(fields=['name', 'text', 'run'], name='run_parameter_by_text')],
                'constraints': [models.UniqueConstraint(fields=('run', 'name'), name='run_parameter_once')],
            },
        ),
        migrations.CreateModel(
            name='SummaryBasis',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('task_type', models.CharField(blank=True, max_length=60)),
                ('classes', models.JSONField(default=list)),
                ('rule', models.TextField(blank=True)),
                ('experiment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='summary_basis', to='registry_app.experiment', verbose_name='experiment')),
            ],
            options={
                'verbose_name': 'basis of summaries',
                'verbose_name_plural': 'bases of summaries',
            },
        ),
        migrations.CreateModel(
            name='MlflowExperiment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mlflow_id', models.CharField(max_length=64)),
                ('name', models.CharField(max_length=500)),
                ('wanted_name', models.CharField(blank=True, max_length=500)),
                ('created_ms', models.BigIntegerField(blank=True, null=True)),
                ('experiment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='mlflow', to='registry_app.experiment', verbose_name='experiment')),
            ],
            options={
                'verbose_name': 'MLflow experiment',
                'verbose_name_plural': 'MLflow experiments',
                'indexes': [models.Index(fields=['mlflow_id'], name='mlflow_experiment_id')],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
