"""Every address of the site. Each app lists its own pages; names are the views' names."""

from django.conf import settings
from django.urls import include, path

from config import views
from config.gallery import gallery

urlpatterns = [
    path("", views.home, name="home"),
    path("health", views.health, name="health"),
    path("account/", include("accounts.sign_in_urls")),
    path("", include("accounts.urls")),
    path("", include("commissioning.urls")),
    path("", include("support.urls")),
    path("", include("applications.urls")),
    path("", include("panels.urls")),
    path("", include("decisions.urls")),
]
if settings.DEMO or settings.TESTING:
    urlpatterns.append(path("gallery/", gallery, name="gallery"))
