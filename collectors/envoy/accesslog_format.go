package envoy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/waylight/waylight/collectors/istiolog"
	"github.com/waylight/waylight/mesh"
)

// AccessFormat reads the lines that Envoy writes with one format of its access
// log. It is made once and can be shared.
type AccessFormat struct {
	text    *textFormat
	members map[string]*textFormat // of a JSON format, by key
}

// Istio's own formats (istio pkg/model/telemetry_logging.go, istio.md E).
const (
	defaultTextFormat = `[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% ` +
		`%RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% %BYTES_SENT% ` +
		`%DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" ` +
		`"%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% ` +
		`%DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%`
	defaultJSONFormat = `{"start_time":"%START_TIME%","method":"%REQ(:METHOD)%","path":"%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",` +
		`"protocol":"%PROTOCOL%","response_code":"%RESPONSE_CODE%","response_flags":"%RESPONSE_FLAGS%",` +
		`"response_code_details":"%RESPONSE_CODE_DETAILS%","connection_termination_details":"%CONNECTION_TERMINATION_DETAILS%",` +
		`"upstream_transport_failure_reason":"%UPSTREAM_TRANSPORT_FAILURE_REASON%","bytes_received":"%BYTES_RECEIVED%",` +
		`"bytes_sent":"%BYTES_SENT%","duration":"%DURATION%","upstream_service_time":"%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%",` +
		`"x_forwarded_for":"%REQ(X-FORWARDED-FOR)%","user_agent":"%REQ(USER-AGENT)%","request_id":"%REQ(X-REQUEST-ID)%",` +
		`"authority":"%REQ(:AUTHORITY)%","upstream_host":"%UPSTREAM_HOST%","upstream_cluster":"%UPSTREAM_CLUSTER_RAW%",` +
		`"upstream_local_address":"%UPSTREAM_LOCAL_ADDRESS%","downstream_local_address":"%DOWNSTREAM_LOCAL_ADDRESS%",` +
		`"downstream_remote_address":"%DOWNSTREAM_REMOTE_ADDRESS%","requested_server_name":"%REQUESTED_SERVER_NAME%",` +
		`"route_name":"%ROUTE_NAME%"}`
)

var (
	defaultText = mustFormat(defaultTextFormat, false)
	defaultJSON = mustFormat(defaultJSONFormat, true)
)

func mustFormat(text string, json bool) *AccessFormat {
	f, err := NewAccessFormat(text, json)
	if err != nil {
		panic("envoy: " + err.Error())
	}
	return f
}

// NewAccessFormat compiles a format as meshConfig or an extension provider has
// it: a line with operators ("%REQ(:METHOD)% %RESPONSE_CODE%"), or for JSON an
// object of such texts. An empty one is Istio's default. The error is a
// sentence that says why lines of this format cannot be read.
func NewAccessFormat(text string, json bool) (*AccessFormat, error) {
	switch {
	case text == "" && json:
		text = defaultJSONFormat
	case text == "":
		text = defaultTextFormat
	case len(text) > maxFormat:
		return nil, fmt.Errorf("the format is longer than %d bytes", maxFormat)
	}
	if json {
		return newJSONFormat(text)
	}
	f, err := compile(text)
	if err != nil {
		return nil, err
	}
	if f.known() < telling {
		return nil, errors.New("the format has too little that tells its lines from others")
	}
	return &AccessFormat{text: f}, nil
}

// NewAccessFormats compiles the formats of a mesh and leaves out those whose
// lines cannot be read: such lines stay as they are.
func NewAccessFormats(configured []mesh.AccessLogFormat) []*AccessFormat {
	var out []*AccessFormat
	for _, c := range configured {
		if f, err := NewAccessFormat(c.Text, c.JSON); err == nil {
			out = append(out, f)
		}
	}
	return out
}

// Bounds of a format: of its length, and how many known fields it takes to tell
// its lines from others.
const (
	maxFormat = 16 << 10
	telling   = 2
)

func newJSONFormat(text string) (*AccessFormat, error) {
	members, ok := istiolog.Object(text)
	if !ok {
		return nil, errors.New("the format is no JSON object")
	}
	f := &AccessFormat{members: make(map[string]*textFormat, len(members))}
	known := 0
	for _, m := range members {
		if !m.Text {
			continue // a constant, or an object of its own, which is kept as it is
		}
		if one, err := compile(m.Value); err == nil {
			f.members[m.Name] = one
			known += one.known()
		}
	}
	if known < telling {
		return nil, errors.New("the format has too little that tells its lines from others")
	}
	return f, nil
}

// decode reads a line, and leaves it untouched if it is not of this format.
func (f *AccessFormat) decode(l *mesh.LogLine) bool {
	r := newRequest()
	var extra []mesh.LogField
	var ok bool
	if f.members != nil {
		extra, ok = f.decodeJSON(r, l.Raw)
	} else {
		extra, ok = f.text.decode(r, l.Raw)
	}
	if !ok {
		return false
	}
	l.Kind, l.Request, l.Message = mesh.LogEnvoyAccess, r, ""
	l.Extra = append(l.Extra, extra...)
	return true
}

func newRequest() *mesh.RequestLog {
	return &mesh.RequestLog{Status: -1, BytesReceived: -1, BytesSent: -1, Duration: -1, UpstreamTime: -1}
}

// decodeJSON reads an object; keys the format does not have are extra fields.
func (f *AccessFormat) decodeJSON(r *mesh.RequestLog, raw string) (extra []mesh.LogField, ok bool) {
	if !strings.HasPrefix(raw, "{") {
		return nil, false
	}
	members, ok := istiolog.Object(raw)
	if !ok {
		return nil, false
	}
	known := 0
	for _, m := range members {
		one := f.members[m.Name]
		switch {
		case one == nil:
			extra = append(extra, m.LogField())
		case m.Value == "":
			known += one.known()
		default:
			fields, ok := one.decode(r, m.Value)
			if !ok {
				extra = append(extra, m.LogField())
				continue
			}
			extra = append(extra, renamed(fields, one, m)...)
			known += one.known()
		}
	}
	return extra, known >= telling
}

// renamed gives the only field of a member the member's name.
func renamed(fields []mesh.LogField, one *textFormat, m istiolog.Member) []mesh.LogField {
	if len(fields) == 1 && len(one.operators) == 1 {
		return []mesh.LogField{{Name: m.Name, Value: m.Value}}
	}
	return fields
}
