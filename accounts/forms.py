"""The plain form every page uses, and the forms about a person."""

from django import forms


class PlainForm(forms.Form):
    """A form checked on the server only, with its words in our own templates."""

    use_required_attribute = False


class PlainModelForm(forms.ModelForm):  # type: ignore[type-arg]  # stubs make this generic, Django does not
    """The same for a form drawn from a model."""

    use_required_attribute = False
