package waylight

import "fmt"

// dump is what the API says of a part of a proxy's dump.
type dump struct {
	Total  int         `json:"total"`
	Source SourceState `json:"source"`
}

// ExpectDump answers nil when a ztunnel's page is there and a part of its dump has entries. What is asked is asked of the
// ztunnel itself.
func (s *Server) ExpectDump(node, part string) error {
	d, err := s.dump(node, part)
	if err == nil && (d.Source.State != "ok" || d.Total == 0) {
		err = fmt.Errorf("the %s of the ztunnel on %s: %+v", part, node, d)
	}
	return err
}

// ExpectNoDump answers nil when a ztunnel's page is there and its dump is not, for a reason that is a state of sources.
func (s *Server) ExpectNoDump(node, state string) error {
	d, err := s.dump(node, "workloads")
	if err == nil && (d.Source.State != state || d.Total != 0) {
		err = fmt.Errorf("the ztunnel on %s: %+v, want it %s", node, d, state)
	}
	return err
}

func (s *Server) dump(node, part string) (d dump, err error) {
	path := "/ztunnels/" + node + "/" + part
	if err := s.Read(path); err != nil {
		return dump{}, err
	}
	err = s.JSON("/api/v1"+path+"?fresh=1", &d)
	return d, err
}
