package waylight

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Histogram is the count and the sum of one of Waylight's own histograms, all its label sets taken together.
type Histogram struct {
	Count float64
	Sum   time.Duration
}

// Since answers what was observed after an earlier reading.
func (h Histogram) Since(earlier Histogram) Histogram {
	return Histogram{Count: h.Count - earlier.Count, Sum: h.Sum - earlier.Sum}
}

// Mean is the mean of the observations; 0 without any.
func (h Histogram) Mean() time.Duration {
	if h.Count == 0 {
		return 0
	}
	return time.Duration(float64(h.Sum) / h.Count)
}

// Histogram reads one histogram of seconds from /metrics.
func (s *Server) Histogram(name string) (Histogram, error) { return s.histogram(name, "") }

// RouteTime is how long Waylight itself says that it took to answer what was asked under a pattern of its routes.
func (s *Server) RouteTime(pattern string) (Histogram, error) {
	return s.histogram("waylight_http_request_duration_seconds", fmt.Sprintf("route=%q", pattern))
}

// histogram reads the part of one that has a label, written as in the metrics; empty for all.
func (s *Server) histogram(name, label string) (Histogram, error) {
	body, err := s.get("/metrics")
	if err != nil {
		return Histogram{}, err
	}
	sum, foundSum := series(string(body), name+"_sum", label)
	count, foundCount := series(string(body), name+"_count", label)
	if !foundSum || !foundCount {
		return Histogram{}, fmt.Errorf("/metrics has no histogram %s{%s}", name, label)
	}
	return Histogram{Count: count, Sum: time.Duration(sum * float64(time.Second))}, nil
}

// Counter reads one of Waylight's own counters, all its label sets taken together.
func (s *Server) Counter(name string) (float64, error) {
	body, err := s.get("/metrics")
	if err != nil {
		return 0, err
	}
	total, found := series(string(body), name, "")
	if !found {
		return 0, fmt.Errorf("/metrics has no %s", name)
	}
	return total, nil
}

// series adds up the values of one metric in the Prometheus text format, of those series that have a label; empty for all.
func series(text, name, label string) (total float64, found bool) {
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), name)
		if !ok || !strings.HasPrefix(rest, " ") && !strings.HasPrefix(rest, "{") || !strings.Contains(rest, label) {
			continue
		}
		value, err := strconv.ParseFloat(rest[strings.LastIndexByte(rest, ' ')+1:], 64)
		if err == nil {
			total, found = total+value, true
		}
	}
	return total, found
}
