package server

import "net/http"

// Hurrier is what a Dumps may be beside: it can read all proxies at once
// instead of in turn.
type Hurrier interface {
	// ReadAll starts to, and does not wait: what is read is in the reports that
	// are published next. Asked again while it goes on, it reads once more.
	ReadAll()
}

// pageZtunnels is the matrix of ztunnels. With ?fresh all of them are read now,
// and the matrix shows each as it comes.
func (s *Server) pageZtunnels(matrix http.HandlerFunc) http.HandlerFunc {
	return s.page(func(w http.ResponseWriter, r *http.Request) error {
		if !r.URL.Query().Has("fresh") {
			matrix(w, r)
			return nil
		}
		s.readAll(r)
		return seeOther(w, r)
	})
}

// readAll has the proxies of the request's mesh read, where they can be.
func (s *Server) readAll(r *http.Request) {
	if all, ok := s.dumps(s.worldOf(r).name).(Hurrier); ok {
		all.ReadAll()
	}
}
