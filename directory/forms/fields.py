"""Form fields of a fiche, one per model field: what a person types, and what the document keeps of it.

Nothing is required here: a fiche half written is a document; `modeles.missing` says what it lacks. Each class adds to
its Django field `raw(value)`, the texts a form would send for that value of a document, and `plain(cleaned)`, back.
"""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from directory.documents import plain
from nomenclature import choices
from nomenclature.fields import CodeField
from nomenclature.models import Commune, Concept

COMMUNES = "communes"
# Too long for a list that unfolds: chosen by typing, like the fields with several values.
TYPED = frozenset({"JDV_J17", "JDV_J238", "ror-type-uo"})
UNSAID = "Non renseigné"


def commune_label(commune: Commune) -> str:
    """« Paris 10 (75010) »."""
    return f"{commune.nom_ror} ({min(commune.codes_postaux, default=commune.pk)})"


class Resolver:
    """Words of the codes and communes of one form: one query for each at most.

    `asked`: what looks like the key of a concept, `communes` like an INSEE code, among all that was typed.
    """

    def __init__(self, *, asked: Iterable[str] = (), communes: Iterable[str] = ()):
        # No code holds a null character, and PostgreSQL refuses to look for one.
        self._asked, self._communes = {key for key in asked if "\x00" not in key}, set(communes)
        self._retired: dict[str, Concept] | None = None
        self._names: dict[str, str] | None = None

    def is_allowed(self, source: str, key: str) -> bool:
        if source == COMMUNES:
            return key in self.names
        return key in choices.of(source)

    def label(self, source: str, key: str) -> str:
        """The code itself when nobody knows it: it is shown with its error."""
        if source == COMMUNES:
            return self.names.get(key, key)
        known = choices.of(source)
        if key in known:
            return known[key].display
        concept = self.retired.get(key)
        return concept.label if concept else key

    @property
    def retired(self) -> dict[str, Concept]:
        """Concepts of the form that no list proposes any more."""
        if self._retired is None:
            self._retired = Concept.objects.by_key(self._asked)
        return self._retired

    @property
    def names(self) -> dict[str, str]:
        """« Paris 10 (75010) » by INSEE code."""
        if self._names is None:
            rows = Commune.objects.filter(pk__in=self._communes) if self._communes else ()
            self._names = {row.pk: commune_label(row) for row in rows}
        return self._names


# --- Plain fields ----------------------------------------------------------------------------------------------------


class Text(forms.CharField):
    """Newlines are kept as one character, whatever the browser sends."""

    template = "directory/forms/_text.html"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"required": False})

    def to_python(self, value: Any) -> str:
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)

    def raw(self, value: Any) -> list[str]:
        return ["" if value is None else str(value)]

    def plain(self, cleaned: Any) -> Any:
        return plain(cleaned)


class LongText(Text):
    """With a counter; the field grows with its text."""

    template = "directory/forms/_long.html"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"widget": forms.Textarea(attrs={"rows": 3})})

    def widget_attrs(self, widget: forms.Widget) -> dict:
        # No maxlength: a pasted text would be cut without a word.
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs | {"data-count": str(self.max_length)}


class Email(Text, forms.EmailField):
    default_error_messages = {"invalid": "Saisissez une adresse comme nom@domaine.fr."}


class Number(forms.DecimalField):
    """« 0,5 » as well as « 0.5 »."""

    template = "directory/forms/_text.html"
    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("localize", None)
        super().__init__(**kwargs | {"required": False})

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", ".").strip() if isinstance(value, str) else value)

    def widget_attrs(self, widget: forms.Widget) -> dict:
        return {"inputmode": "decimal", "autocomplete": "off"}

    def raw(self, value: Any) -> list[str]:
        return ["" if value is None else str(value).replace(".", ",")]

    def plain(self, cleaned: Any) -> Any:
        return plain(cleaned)


class Real(Number):
    """A latitude, a longitude."""

    def plain(self, cleaned: Any) -> float | None:
        return None if cleaned is None else float(cleaned)


class Whole(forms.IntegerField):
    template = "directory/forms/_text.html"
    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("localize", None)
        super().__init__(**kwargs | {"required": False})

    def widget_attrs(self, widget: forms.Widget) -> dict:
        return {"inputmode": "numeric", "autocomplete": "off"}

    def raw(self, value: Any) -> list[str]:
        return ["" if value is None else str(value)]

    def plain(self, cleaned: Any) -> Any:
        return cleaned


class Day(forms.DateField):
    template = "directory/forms/_text.html"
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_error_messages = {"invalid": "Saisissez une date, comme 31/12/2025."}

    def __init__(self, **kwargs: Any) -> None:
        formats = ["%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y"]
        super().__init__(**kwargs | {"required": False, "input_formats": formats})

    def raw(self, value: Any) -> list[str]:
        return [value or ""]

    def plain(self, cleaned: Any) -> Any:
        return plain(cleaned)


class Hour(forms.TimeField):
    template = "directory/forms/_text.html"
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    default_error_messages = {"invalid": "Saisissez une heure, comme 08:30."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"required": False, "input_formats": ["%H:%M", "%H:%M:%S", "%Hh%M", "%Hh"]})

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(" ", "").replace("H", "h") if isinstance(value, str) else value)

    def raw(self, value: Any) -> list[str]:
        return [value or ""]

    def plain(self, cleaned: Any) -> Any:
        return plain(cleaned)


# --- One among a few ------------------------------------------------------------------------------------------------


class Check(forms.BooleanField):
    template = "directory/forms/_check.html"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"required": False})

    def raw(self, value: Any) -> list[str]:
        return ["on"] if value else []

    def plain(self, cleaned: Any) -> bool:
        return bool(cleaned)


class YesNo(forms.ChoiceField):
    """« Non » is an answer, « Non renseigné » is none."""

    template = "directory/forms/_radio.html"
    widget = forms.RadioSelect
    OPTIONS = (("1", "Oui"), ("0", "Non"), ("", UNSAID))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"required": False, "choices": self.OPTIONS})

    def raw(self, value: Any) -> list[str]:
        return ["" if value is None else str(int(value))]

    def plain(self, cleaned: str) -> bool | None:
        return {"1": True, "0": False}.get(cleaned)


class PlainSelect(forms.Select):
    """The same HTML as Django's, written without its templates: two per option, thousands of options in a form."""

    def render(self, name: str, value: Any, attrs: dict | None = None, renderer: Any = None) -> SafeString:
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, SELECTED if str(key) == chosen else "", label) for key, label in self.choices),
        )
        return format_html(
            '<select name="{}"{}>{}</select>', name, flatatt(self.build_attrs(self.attrs, attrs)), options
        )


SELECTED = mark_safe(" selected")


class Pick(forms.ChoiceField):
    """A list that unfolds. `convert` gives what the document keeps of the code chosen."""

    template = "directory/forms/_text.html"
    widget = PlainSelect
    default_error_messages = {"invalid_choice": "«\u00a0%(value)s\u00a0» n’est pas une valeur proposée ici."}

    def __init__(
        self, *, options: list[tuple[str, str]], empty: Any = None, convert: type = str, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs | {"required": False, "choices": options})
        self._empty, self._convert = empty, convert

    def raw(self, value: Any) -> list[str]:
        return ["" if value is None else str(value)]

    def plain(self, cleaned: str) -> Any:
        return self._convert(cleaned) if cleaned else self._empty


# --- Among many: chips ----------------------------------------------------------------------------------------------


class Chips(forms.Field):
    """Codes or communes chosen by typing. `source`: value set or `communes`. Cleaned: the keys, without doubles.

    `kept`: keys the document holds already; one that was retired since stays until somebody removes it.
    """

    template = "directory/forms/_chips.html"
    widget = forms.SelectMultiple

    def __init__(
        self, *, source: str, resolver: Resolver, kept: Iterable[str] = (), is_single: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs | {"required": False})
        self.source, self.resolver, self.kept, self.is_single = source, resolver, frozenset(kept), is_single

    def clean(self, value: list[str] | None) -> list[str]:
        keys = list(dict.fromkeys(key for key in value or [] if key))
        keys = keys[-1:] if self.is_single else keys  # the last one: a candidate ticked beside the present value
        unknown = [key for key in keys if key not in self.kept and not self.resolver.is_allowed(self.source, key)]
        if unknown:
            named = ", ".join(f"«\u00a0{self.resolver.label(self.source, key)}\u00a0»" for key in unknown)
            verb = "ne sont pas des valeurs proposées" if len(unknown) > 1 else "n’est pas une valeur proposée"
            raise ValidationError(f"{named} {verb} ici, ou retirée de la liste.")
        return keys

    def raw(self, value: Any) -> list[str]:
        return [value] if isinstance(value, str) and value else list(value or [])

    def plain(self, cleaned: list[str]) -> Any:
        if self.is_single:
            return cleaned[0] if cleaned else None
        return sorted(cleaned)


# --- From the model --------------------------------------------------------------------------------------------------


def form_field(field: models.Field, resolver: Resolver, *, kept: Any = None, **kwargs: Any) -> forms.Field:
    """The form field of a model field. `kept`: its present value, which stays a choice even when it was retired."""
    if isinstance(field, models.ManyToManyField | models.ForeignKey):
        return _reference(field, resolver, kept, kwargs)
    if isinstance(field, CodeField):
        options = [(one.code, one.display) for one in choices.of(field.value_set)]
        return Pick(options=_with_kept(options, kept, ""), empty="", **kwargs)
    if field.choices:
        convert = int if isinstance(field, models.IntegerField) else str
        options = [(str(value), str(label)) for value, label in field.choices]
        if field.blank and field.null:
            options.insert(0, ("", ""))
        empty = None if field.null else field.get_default()
        return Pick(options=options, empty=empty, convert=convert, **kwargs)
    if isinstance(field, models.BooleanField):
        return YesNo(**kwargs) if field.null else Check(**kwargs)
    return field.formfield(form_class=_class_for(field), **kwargs)


def _class_for(field: models.Field) -> type[forms.Field]:
    for model_class, form_class in (
        (models.EmailField, Email),
        (models.TextField, LongText),
        (models.CharField, Text),
        (models.DateField, Day),
        (models.TimeField, Hour),
        (models.FloatField, Real),
        (models.DecimalField, Number),
        (models.IntegerField, Whole),
    ):
        if isinstance(field, model_class):
            return form_class
    raise TypeError(f"no form field for {field!r}")


def _reference(field: models.Field, resolver: Resolver, kept: Any, kwargs: dict) -> forms.Field:
    is_single = not field.many_to_many
    if field.related_model is Commune or not is_single or field.value_set in TYPED:
        source = COMMUNES if field.related_model is Commune else field.value_set
        present = [kept] if isinstance(kept, str) else kept or ()
        return Chips(source=source, resolver=resolver, kept=present, is_single=is_single, **kwargs)
    options = [(one.key, one.display) for one in choices.of(field.value_set)]
    return Pick(options=_with_kept(options, kept, resolver.label(field.value_set, kept) if kept else ""), **kwargs)


def _with_kept(options: list[tuple[str, str]], kept: str | None, label: str) -> list[tuple[str, str]]:
    options = [("", UNSAID), *options]
    if kept and kept not in {key for key, _ in options}:
        options.append((kept, f"{label or kept} (retiré)"))
    return options
