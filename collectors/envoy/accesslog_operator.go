package envoy

import (
	"strconv"
	"strings"
	"time"

	"github.com/waylight/waylight/mesh"
)

// setter takes over the value of an operator; it is false for a value the
// operator cannot have, which tells a line of another format.
type setter func(r *mesh.RequestLog, value string) bool

func newOperator(name string) operator {
	command, arguments, _ := strings.Cut(name, "(")
	switch command {
	case "REQ":
		return headerOperator(name, strings.TrimSuffix(arguments, ")"), requestHeaders)
	case "RESP":
		return headerOperator(name, strings.TrimSuffix(arguments, ")"), responseHeaders)
	case "START_TIME":
		return operator{name: name, set: startTime(strings.TrimSuffix(arguments, ")")), free: arguments != ""}
	}
	set := commands[command]
	return operator{name: name, set: set, free: set == nil || command == "UPSTREAM_TRANSPORT_FAILURE_REASON"}
}

// commands are the operators that are fields of a RequestLog.
var commands = map[string]setter{
	"PATH":                              text(func(r *mesh.RequestLog) *string { return &r.Path }),
	"PROTOCOL":                          text(func(r *mesh.RequestLog) *string { return &r.Protocol }),
	"RESPONSE_CODE":                     status,
	"RESPONSE_FLAGS":                    flags,
	"RESPONSE_CODE_DETAILS":             text(func(r *mesh.RequestLog) *string { return &r.Details }),
	"CONNECTION_TERMINATION_DETAILS":    text(func(r *mesh.RequestLog) *string { return &r.Termination }),
	"UPSTREAM_TRANSPORT_FAILURE_REASON": text(func(r *mesh.RequestLog) *string { return &r.TransportFailure }),
	"BYTES_RECEIVED":                    count(func(r *mesh.RequestLog) *int64 { return &r.BytesReceived }),
	"BYTES_SENT":                        count(func(r *mesh.RequestLog) *int64 { return &r.BytesSent }),
	"DURATION":                          milliseconds(func(r *mesh.RequestLog) *time.Duration { return &r.Duration }),
	"UPSTREAM_HOST":                     text(func(r *mesh.RequestLog) *string { return &r.UpstreamHost }),
	"UPSTREAM_CLUSTER":                  text(func(r *mesh.RequestLog) *string { return &r.UpstreamCluster }),
	"UPSTREAM_CLUSTER_RAW":              text(func(r *mesh.RequestLog) *string { return &r.UpstreamCluster }),
	"UPSTREAM_LOCAL_ADDRESS":            text(func(r *mesh.RequestLog) *string { return &r.UpstreamLocal }),
	"DOWNSTREAM_LOCAL_ADDRESS":          text(func(r *mesh.RequestLog) *string { return &r.DownstreamLocal }),
	"DOWNSTREAM_REMOTE_ADDRESS":         text(func(r *mesh.RequestLog) *string { return &r.DownstreamRemote }),
	"REQUESTED_SERVER_NAME":             text(func(r *mesh.RequestLog) *string { return &r.ServerName }),
	"ROUTE_NAME":                        text(func(r *mesh.RequestLog) *string { return &r.RouteName }),
}

// header is a header that is a field; free ones can have blanks, the others are
// refused by Envoy when they have.
type header struct {
	set  setter
	free bool
}

var requestHeaders = map[string]header{
	":METHOD":               {set: text(func(r *mesh.RequestLog) *string { return &r.Method })},
	":PATH":                 {set: text(func(r *mesh.RequestLog) *string { return &r.Path })},
	"X-ENVOY-ORIGINAL-PATH": {set: text(func(r *mesh.RequestLog) *string { return &r.Path })},
	":AUTHORITY":            {set: text(func(r *mesh.RequestLog) *string { return &r.Authority })},
	"HOST":                  {set: text(func(r *mesh.RequestLog) *string { return &r.Authority })},
	"X-REQUEST-ID":          {set: text(func(r *mesh.RequestLog) *string { return &r.RequestID })},
	"X-FORWARDED-FOR":       {set: text(func(r *mesh.RequestLog) *string { return &r.ForwardedFor }), free: true},
	"USER-AGENT":            {set: text(func(r *mesh.RequestLog) *string { return &r.UserAgent }), free: true},
}

var responseHeaders = map[string]header{
	"X-ENVOY-UPSTREAM-SERVICE-TIME": {set: milliseconds(func(r *mesh.RequestLog) *time.Duration { return &r.UpstreamTime })},
}

// headerOperator is REQ(NAME) or REQ(NAME?OTHER), which is the other header
// where the first is missing.
func headerOperator(name, arguments string, known map[string]header) operator {
	first, _, _ := strings.Cut(strings.ToUpper(arguments), "?")
	h, ok := known[first]
	if !ok {
		return operator{name: name, free: true}
	}
	return operator{name: name, set: h.set, free: h.free}
}

func text(field func(*mesh.RequestLog) *string) setter {
	return func(r *mesh.RequestLog, value string) bool {
		*field(r) = value
		return true
	}
}

func count(field func(*mesh.RequestLog) *int64) setter {
	return func(r *mesh.RequestLog, value string) bool {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 {
			return false
		}
		*field(r) = n
		return true
	}
}

// longest is more milliseconds than any request takes, and few enough not to
// overflow.
const longest = int64(1) << 40

func milliseconds(field func(*mesh.RequestLog) *time.Duration) setter {
	return func(r *mesh.RequestLog, value string) bool {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 || n > longest {
			return false
		}
		*field(r) = time.Duration(n) * time.Millisecond
		return true
	}
}

func status(r *mesh.RequestLog, value string) bool {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > 999 {
		return false
	}
	r.Status = n
	return true
}

func flags(r *mesh.RequestLog, value string) bool {
	r.Flags = strings.FieldsFunc(value, func(c rune) bool { return c == ',' })
	return true
}

// startTime reads a time in Envoy's default form or as seconds since 1970; in
// any other form it is kept as an extra field.
func startTime(format string) setter {
	switch format {
	case "":
		return func(r *mesh.RequestLog, value string) bool {
			t, err := time.Parse(time.RFC3339Nano, value)
			r.Started = t
			return err == nil
		}
	case "%s":
		return func(r *mesh.RequestLog, value string) bool {
			n, err := strconv.ParseInt(value, 10, 64)
			r.Started = time.Unix(n, 0).UTC()
			return err == nil
		}
	}
	return nil
}
