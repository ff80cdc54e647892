package waylight

// Rates is what a test needs of what was counted of a service.
type Rates struct {
	// From is prometheus or scrapes.
	From string `json:"from"`
	// Requests is nil where their number is not known.
	Requests *Requests  `json:"requests"`
	Versions []Requests `json:"versions"`
	Split    struct {
		Why      string `json:"why"`
		Unjudged string `json:"unjudged"`
		Sample   *int   `json:"sample"`
		Drifts   bool   `json:"drifts"`
	} `json:"split"`
	Gaps []struct{ Reason string } `json:"gaps"`
}

// Requests counts some of them.
type Requests struct {
	Name  string  `json:"name"`
	Count float64 `json:"count"`
}

// Rates answers what was counted of a service.
func (s *Server) Rates(namespace, name string) (Rates, error) {
	var r Rates
	err := s.JSON("/api/v1/services/"+namespace+"/"+name+"/rates", &r)
	return r, err
}

// Count is how many requests a version got.
func (r *Rates) Count(version string) float64 {
	for _, v := range r.Versions {
		if v.Name == version {
			return v.Count
		}
	}
	return 0
}
