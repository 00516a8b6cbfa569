from django.db import migrations
from django.utils import timezone


def close(apps, schema_editor):
    """Inactive accounts were closed by hand until now: none of them waits for an invitation."""
    apps.get_model("accounts", "User").objects.filter(is_active=False).update(closed_at=timezone.now())


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_sessions_and_invitations'),
    ]

    operations = [
        migrations.RunPython(close, migrations.RunPython.noop),
    ]
