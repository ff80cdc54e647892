package envoy

import (
	"errors"
	"fmt"

	"github.com/waylight/waylight/mesh"
)

// AccessFormat reads the lines that Envoy writes with one format of its access
// log. It is made once and can be shared.
type AccessFormat struct {
	text *textFormat
	json jsonFormat
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

// decode reads a line, and leaves it untouched if it is not of this format.
func (f *AccessFormat) decode(l *mesh.LogLine) bool {
	r := newRequest()
	var extra []mesh.LogField
	var ok bool
	if f.json != nil {
		extra, ok = f.json.decode(r, l.Raw)
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
