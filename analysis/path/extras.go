package path

import (
	"fmt"
	"strings"
)

// extras says what a rule does to requests on the way, besides sending them
// on: ", with a timeout of 2s and 2 retries".
func (r *Rule) extras() string {
	var out []string
	s := r.Spec
	if s.Timeout != nil && *s.Timeout > 0 {
		out = append(out, fmt.Sprintf("a timeout of %s", s.Timeout))
	}
	if s.Retry != nil && s.Retry.Attempts > 0 {
		out = append(out, "up to "+retries(s.Retry.Attempts))
	}
	if f := s.Fault; f != nil && f.Delay != nil && f.DelayPercent > 0 {
		out = append(out, fmt.Sprintf("a delay of %s for %s on purpose", f.Delay, percent(f.DelayPercent)))
	}
	if s.Rewrite != nil {
		out = append(out, "a rewrite to "+strings.TrimSpace(s.Rewrite.Host+" "+s.Rewrite.Path))
	}
	for _, m := range s.Mirrors {
		out = append(out, fmt.Sprintf("a copy of %s to %s", percent(m.Percent), m.Host+m.Ref.NamespacedName()))
	}
	if len(out) == 0 {
		return ""
	}
	return ", with " + words(out)
}

func retries(n int32) string {
	if n == 1 {
		return "1 retry"
	}
	return fmt.Sprintf("%d retries", n)
}
