package envoy

import (
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waylight/waylight/mesh"
)

// structured is a match to evaluate; words are to read.
func (m *rawStringMatch) structured() mesh.EnvoyTextMatch {
	if m == nil {
		return mesh.EnvoyTextMatch{Kind: mesh.EnvoyUnknown}
	}
	out := mesh.EnvoyTextMatch{IgnoreCase: m.IgnoreCase}
	switch {
	case m.Exact != nil:
		out.Kind, out.Text = mesh.EnvoyExact, *m.Exact
	case m.Prefix != nil:
		out.Kind, out.Text = mesh.EnvoyPrefix, *m.Prefix
	case m.Suffix != nil:
		out.Kind, out.Text = mesh.EnvoySuffix, *m.Suffix
	case m.Contains != nil:
		out.Kind, out.Text = mesh.EnvoyContains, *m.Contains
	case m.SafeRegex != nil:
		out.Kind, out.Text = mesh.EnvoyRegex, m.SafeRegex.Regex
	default:
		out.Kind = mesh.EnvoyUnknown
	}
	return out
}

func (h *rawHeaderMatch) structured() mesh.EnvoyHeaderMatch {
	out := mesh.EnvoyHeaderMatch{Name: strings.ToLower(h.Name), Invert: h.InvertMatch, MissingIsEmpty: h.MissingIsEmpty, Text: mesh.EnvoyTextMatch{Kind: mesh.EnvoyAny}}
	if out.Name == "host" {
		out.Name = ":authority"
	}
	old := rawStringMatch{Exact: h.Exact, Prefix: h.Prefix, Suffix: h.Suffix, Contains: h.Contains, SafeRegex: h.SafeRegex}
	switch {
	case h.PresentMatch != nil:
		out.Absent, out.Invert = *h.PresentMatch == h.InvertMatch, false
	case h.RangeMatch != nil:
		out.Range = h.RangeMatch.structured()
		if out.Range == nil {
			out.Text.Kind = mesh.EnvoyUnknown
		}
	case h.StringMatch != nil:
		out.Text = h.StringMatch.structured()
	case old != (rawStringMatch{}):
		out.Text = old.structured()
	default: // Envoy takes no condition for "is there"
		out.Absent, out.Invert = h.InvertMatch, false
	}
	return out
}

// structured is nil for numbers beyond 64 bits.
func (r *rawRangeMatch) structured() *mesh.EnvoyRange {
	from, ok := int64Of(r.Start)
	to, ok2 := int64Of(r.End)
	if !ok || !ok2 {
		return nil
	}
	return &mesh.EnvoyRange{From: from, To: to}
}

func int64Of(v jsontext.Value) (int64, bool) {
	if !present(v) {
		return 0, true
	}
	n, err := strconv.ParseInt(strings.Trim(string(v), `"`), 10, 64)
	return n, err == nil
}

func (q *rawQueryMatch) structured() mesh.EnvoyQueryMatch {
	out := mesh.EnvoyQueryMatch{Name: q.Name, Text: mesh.EnvoyTextMatch{Kind: mesh.EnvoyAny}}
	switch {
	case q.StringMatch != nil:
		out.Text = q.StringMatch.structured()
	case q.PresentMatch != nil:
		out.Absent = !*q.PresentMatch
	}
	return out
}

// conditions is what a route matches.
func (d *decoding) conditions(raw *rawRouteMatch) mesh.EnvoyRouteMatch {
	out := mesh.EnvoyRouteMatch{GRPC: present(raw.GRPC), IgnoreCase: raw.CaseSensitive != nil && !*raw.CaseSensitive}
	out.PathKind, out.Path = raw.structuredPath()
	each(d.walker, "header match", raw.Headers, func(h *rawHeaderMatch) { out.Headers = append(out.Headers, h.structured()) })
	each(d.walker, "query match", raw.QueryParameters, func(q *rawQueryMatch) { out.Query = append(out.Query, q.structured()) })
	if raw.RuntimeFraction != nil {
		share := raw.RuntimeFraction.DefaultValue.percent()
		out.Share = &share
	}
	for _, part := range []struct {
		name  string
		value jsontext.Value
	}{
		{"tls_context", raw.TLSContext},
		{"dynamic_metadata", raw.DynamicMetadata},
		{"filter_state", raw.FilterState},
		{"cookies", raw.Cookies},
	} {
		if present(part.value) {
			out.Unknown = append(out.Unknown, part.name)
		}
	}
	return out
}

func (m *rawRouteMatch) structuredPath() (mesh.EnvoyPathKind, string) {
	switch {
	case m.Prefix != nil:
		return mesh.EnvoyPathPrefix, *m.Prefix
	case m.Path != nil:
		return mesh.EnvoyPathExact, *m.Path
	case m.PathSeparatedPrefix != nil:
		return mesh.EnvoyPathBelow, *m.PathSeparatedPrefix
	case m.SafeRegex != nil:
		return mesh.EnvoyPathRegex, m.SafeRegex.Regex
	case m.PathMatchPolicy != nil && m.PathMatchPolicy.TypedConfig.PathTemplate != "":
		return mesh.EnvoyPathTemplate, m.PathMatchPolicy.TypedConfig.PathTemplate
	case present(m.ConnectMatcher):
		return mesh.EnvoyPathConnect, ""
	}
	return mesh.EnvoyPathUnknown, ""
}

// structured is the fault to evaluate.
func (d *decoding) structured(f *rawFault) *mesh.EnvoyFault {
	out := &mesh.EnvoyFault{}
	if f.Delay != nil {
		out.DelayPercent = f.Delay.Percentage.percent()
		out.Asked = f.Delay.FixedDelay == nil
		if f.Delay.FixedDelay != nil {
			out.Delay = time.Duration(*f.Delay.FixedDelay)
		}
	}
	if f.Abort != nil {
		out.AbortPercent, out.AbortStatus = f.Abort.Percentage.percent(), int(f.Abort.HTTPStatus.port())
		if f.Abort.GRPCStatus != nil {
			out.AbortGRPC = f.Abort.GRPCStatus.uint32()
		}
		out.Asked = out.Asked || (f.Abort.HTTPStatus == 0 && f.Abort.GRPCStatus == nil)
	}
	each(d.walker, "header match", f.Headers, func(h *rawHeaderMatch) { out.Headers = append(out.Headers, h.structured()) })
	return out
}
