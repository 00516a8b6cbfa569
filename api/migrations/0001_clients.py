import django.db.models.deletion
import oauth2_provider.generators
import oauth2_provider.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True
    # The toolkit's tables point at ours in place of its own « application ».
    run_before = [('oauth2_provider', '0001_initial')]

    dependencies = [
        ('nomenclature', '0003_modeles_de_saisie'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Client',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('client_id', models.CharField(db_index=True, default=oauth2_provider.generators.generate_client_id, max_length=255, unique=True, verbose_name='client ID')),
                ('redirect_uris', models.TextField(blank=True, help_text='Allowed URIs list, space separated', verbose_name='redirect URIs')),
                ('post_logout_redirect_uris', models.TextField(blank=True, default='', help_text='Allowed Post Logout URIs list, space separated', verbose_name='post logout redirect URIs')),
                ('client_type', models.CharField(choices=[('confidential', 'Confidential'), ('public', 'Public')], max_length=32, verbose_name='client type')),
                ('authorization_grant_type', models.CharField(choices=[('authorization-code', 'Authorization code'), ('urn:ietf:params:oauth:grant-type:device_code', 'Device Code'), ('implicit', 'Implicit'), ('password', 'Resource owner password-based'), ('client-credentials', 'Client credentials'), ('openid-hybrid', 'OpenID connect hybrid')], max_length=44, verbose_name='authorization grant type')),
                ('client_secret', oauth2_provider.models.ClientSecretField(blank=True, db_index=True, default=oauth2_provider.generators.generate_client_secret, help_text='Client secret for authentication', max_length=255, verbose_name='client secret')),
                ('hash_client_secret', models.BooleanField(default=True, verbose_name='hash client secret')),
                ('name', models.CharField(blank=True, max_length=255, verbose_name='name')),
                ('skip_authorization', models.BooleanField(default=False, verbose_name='skip authorization')),
                ('created', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated', models.DateTimeField(auto_now=True, verbose_name='updated')),
                ('algorithm', models.CharField(blank=True, choices=[('', 'No OIDC support'), ('RS256', 'RSA with SHA-2 256'), ('HS256', 'HMAC with SHA-2 256')], default='', max_length=5, verbose_name='algorithm')),
                ('allowed_origins', models.TextField(blank=True, default='', help_text='Allowed origins list to enable CORS, space separated', verbose_name='allowed origins')),
                ('registration_source', models.CharField(choices=[('manual', 'Manual'), ('dcr', 'Dynamic Client Registration'), ('cimd', 'Client ID Metadata Document')], default='manual', help_text='How this application was registered (manual, DCR per RFC 7591, or CIMD)', max_length=32, verbose_name='registration source')),
                ('cimd_expires_at', models.DateTimeField(blank=True, default=None, help_text='When the cached Client ID Metadata Document should be re-fetched', null=True, verbose_name='CIMD expires at')),
                ('niveau', models.PositiveSmallIntegerField(choices=[(1, 'Grand public'), (2, 'Professionnels'), (3, 'Régulation')], default=1, help_text='Le plus haut niveau des contacts que ce client lit. Régulation : aussi les unités sensibles.', verbose_name='niveau de confidentialité lu')),
                ('responsable', models.CharField(help_text='Organisme et personne à joindre, avec son adresse électronique.', max_length=255, verbose_name='responsable')),
                ('revoked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='révoqué le')),
                ('departement', models.ForeignKey(blank=True, help_text='Niveau régulation seulement : il ne vaut que là. Vide : toute la région.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='nomenclature.departement', verbose_name='département')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(app_label)s_%(class)s', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'client de l’API',
                'verbose_name_plural': 'clients de l’API',
                'ordering': ['name', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('authorization_grant_type', 'client-credentials'), ('client_type', 'confidential'), ('hash_client_secret', True)), name='client_has_its_own_credentials_only'), models.CheckConstraint(condition=models.Q(('user', None)), name='client_is_nobody'), models.CheckConstraint(condition=models.Q(('niveau__in', [1, 2, 3])), name='client_niveau_1_2_3'), models.CheckConstraint(condition=models.Q(('departement', None), ('niveau', 3), _connector='OR'), name='client_departement_only_for_regulation', violation_error_message='Un département ne se donne qu’au niveau régulation.')],
            },
        ),
    ]
