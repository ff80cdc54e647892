package server

import (
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"github.com/waylight/waylight/static"
	"github.com/waylight/waylight/views/gallery"
)

// GalleryServer serves every state of every page from fixtures, with the same
// headers as the real thing. It shows no mesh.
func (s *Server) GalleryServer() *http.Server {
	r := chi.NewRouter()
	r.Use(s.recoverPanics, securityHeaders, s.checkHost, s.checkOrigin)
	r.Handle("/static/*", static.Handler())
	r.Get("/", s.page(s.galleryIndex))
	r.Get("/*", s.page(s.galleryEntry))
	srv := s.HTTPServer()
	srv.Handler = r
	return srv
}

func (s *Server) galleryIndex(w http.ResponseWriter, r *http.Request) error {
	frame, content := gallery.Index()
	return s.showStill(w, r, frame, content)
}

func (s *Server) galleryEntry(w http.ResponseWriter, r *http.Request) error {
	name, err := url.PathUnescape(chi.URLParam(r, "*"))
	if err != nil {
		return badRequest("The name of the page cannot be read.")
	}
	entry, ok := gallery.Find(name)
	if !ok {
		return notFound("The gallery has no %s.", name)
	}
	frame, content := entry.Page()
	return s.showStill(w, r, frame, content)
}
