package waylight

import (
	"fmt"
	"strings"
)

// SourceState is what /api/v1/sources says of one source.
type SourceState struct {
	Name   string `json:"name"`
	State  string `json:"state"`
	Detail string `json:"detail"`
	// AsOf is RFC 3339, empty for what was never read.
	AsOf string `json:"asOf"`
	// Since is when it came into this state, RFC 3339.
	Since string `json:"since"`
}

// Source answers what Waylight says of one source.
func (s *Server) Source(name string) (SourceState, error) {
	var list struct {
		Items []SourceState `json:"items"`
	}
	if err := s.JSON("/api/v1/sources", &list); err != nil {
		return SourceState{}, err
	}
	for _, source := range list.Items {
		if source.Name == name {
			return source, nil
		}
	}
	return SourceState{}, fmt.Errorf("no source %s among %+v", name, list.Items)
}

// ExpectSource answers nil when a source is in a state.
func (s *Server) ExpectSource(name, state string) error {
	source, err := s.Source(name)
	if err == nil && source.State != state {
		err = fmt.Errorf("source %s is %s (%s), want %s", name, source.State, source.Detail, state)
	}
	return err
}

// Finding is what a test needs of a finding.
type Finding struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Subject  struct {
		Kind, Namespace, Name string
	} `json:"subject"`
	Summary string `json:"summary"`
}

// Report is what a test needs of a report, from the API or the command line.
type Report struct {
	Findings []Finding `json:"findings"`
}

// AllFindings answers everything that is found.
func (s *Server) AllFindings() ([]Finding, error) {
	var report Report
	err := s.JSON("/api/v1/findings", &report)
	return report.Findings, err
}

// Findings answers the findings with a code, about objects of one name.
func (s *Server) Findings(code, subject string) ([]Finding, error) {
	all, err := s.AllFindings()
	if err != nil {
		return nil, err
	}
	var found []Finding
	for _, finding := range all {
		if finding.Code == code && finding.Subject.Name == subject {
			found = append(found, finding)
		}
	}
	return found, nil
}

// ExpectFinding answers nil when there is a finding with a code about an object of this name.
func (s *Server) ExpectFinding(code, subject string) error {
	found, err := s.Findings(code, subject)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("no finding %s about %s", code, subject)
	}
	return err
}

// ExpectNoFinding answers nil when there is none.
func (s *Server) ExpectNoFinding(code, subject string) error {
	found, err := s.Findings(code, subject)
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("unexpected: %+v", found)
	}
	return err
}

// Names answers the items of a list of the API as namespace/name.
func (s *Server) Names(path string) ([]string, error) {
	var list struct {
		Items []struct{ Namespace, Name string } `json:"items"`
	}
	if err := s.JSON(path, &list); err != nil {
		return nil, err
	}
	names := make([]string, len(list.Items))
	for i, item := range list.Items {
		names[i] = strings.TrimPrefix(item.Namespace+"/"+item.Name, "/")
	}
	return names, nil
}
