"""Keep the words that a company adds to the vocabulary, and what a sync agreed on for them."""

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry_app', '0034_keep_the_parameters_of_sub_commands'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='synclink',
            name='is_word',
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name='HistoricalVocabularyWord',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('word', models.CharField(help_text='A Korean word, a Latin word, or two Latin words: 안전고리, lanyard, safety hook. Case, blanks and hyphens do not matter; the word is kept without them. 안전고리 is also found in 안전고리체결; a Korean word of two syllables only where a word begins.', max_length=50, verbose_name='word')),
                ('task', models.CharField(blank=True, help_text='Task type of the experiments that this word speaks of, for example ppe. Left empty, the word says nothing: so a built-in word is switched off.', max_length=100, verbose_name='task')),
                ('language', models.CharField(blank=True, choices=[('ko', 'Korean'), ('en', 'English')], help_text='For filters alone. Left empty, the letters of the word decide.', max_length=2, verbose_name='language')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('change_set', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='registry_app.changeset')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical vocabulary word',
                'verbose_name_plural': 'historical vocabulary',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='VocabularyWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.CharField(help_text='A Korean word, a Latin word, or two Latin words: 안전고리, lanyard, safety hook. Case, blanks and hyphens do not matter; the word is kept without them. 안전고리 is also found in 안전고리체결; a Korean word of two syllables only where a word begins.', max_length=50, verbose_name='word')),
                ('task', models.CharField(blank=True, help_text='Task type of the experiments that this word speaks of, for example ppe. Left empty, the word says nothing: so a built-in word is switched off.', max_length=100, verbose_name='task')),
                ('language', models.CharField(blank=True, choices=[('ko', 'Korean'), ('en', 'English')], help_text='For filters alone. Left empty, the letters of the word decide.', max_length=2, verbose_name='language')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
            ],
            options={
                'verbose_name': 'vocabulary word',
                'verbose_name_plural': 'vocabulary',
                'ordering': ('word',),
                'constraints': [models.UniqueConstraint(fields=('word',), name='vocabulary_word_unique', violation_error_message='This word is in the vocabulary already.')],
            },
        ),
    ]
