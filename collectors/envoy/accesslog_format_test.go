package envoy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waylight/waylight/collectors/envoy"
	"github.com/waylight/waylight/mesh"
)

func TestAccessFormat(t *testing.T) {
	none := func() *mesh.RequestLog {
		return &mesh.RequestLog{Status: -1, BytesReceived: -1, BytesSent: -1, Duration: -1, UpstreamTime: -1}
	}
	request := func(change func(*mesh.RequestLog)) *mesh.RequestLog {
		r := none()
		change(r)
		return r
	}
	for name, test := range map[string]struct {
		format string
		json   bool
		line   string
		want   *mesh.RequestLog // nil: the line is not of the format
		extra  []mesh.LogField
	}{
		"fields between other signs than blanks": {
			"%START_TIME%|%REQ(:METHOD)%|%REQ(:PATH)%|%RESPONSE_CODE%|%DURATION%\n", false,
			"2026-08-20T10:00:00.123Z|GET|/a|200|13",
			request(func(r *mesh.RequestLog) {
				r.Started = time.Date(2026, 8, 20, 10, 0, 0, 123e6, time.UTC)
				r.Method, r.Path, r.Status, r.Duration = "GET", "/a", 200, 13*time.Millisecond
			}), nil,
		},
		"names, lengths, percent signs, and fields nobody knows": {
			"code=%RESPONSE_CODE% 100%% tenant=%REQ(X-TENANT):10% flags=%RESPONSE_FLAGS% at=%START_TIME(%Y/%m/%d %H:%M)% peer=%DOWNSTREAM_PEER_SUBJECT% id=%REQ(X-REQUEST-ID)%", false,
			"code=503 100% tenant=a b flags=UF,URX at=2026/08/20 10:00 peer=- id=7b0e",
			request(func(r *mesh.RequestLog) { r.Status, r.Flags, r.RequestID = 503, []string{"UF", "URX"}, "7b0e" }),
			[]mesh.LogField{{Name: "REQ(X-TENANT)", Value: "a b"}, {Name: "START_TIME(%Y/%m/%d %H:%M)", Value: "2026/08/20 10:00"}, {Name: "DOWNSTREAM_PEER_SUBJECT"}},
		},
		"seconds since 1970": {
			"%START_TIME(%s)% %RESPONSE_CODE%", false, "1787220000 200",
			request(func(r *mesh.RequestLog) { r.Started, r.Status = time.Unix(1787220000, 0).UTC(), 200 }), nil,
		},
		"a status that is none is another line": {"%REQ(:METHOD)% %RESPONSE_CODE%", false, "GET now", nil, nil},
		"more on the line is another line":      {"%REQ(:METHOD)% %RESPONSE_CODE%", false, "GET 200 OK", nil, nil},
		"less on the line is another line":      {"%REQ(:METHOD)% %RESPONSE_CODE% %PROTOCOL%", false, "GET 200", nil, nil},
		"JSON with other names, and values of several operators": {
			`{"status":"%RESPONSE_CODE%","call":"%REQ(:METHOD)% %REQ(:PATH)%","tenant":"%REQ(X-TENANT)%","cluster":"eu","took":"%DURATION%"}`, true,
			`{"call":"GET /a","cluster":"eu","status":404,"took":null,"tenant":"a","more":1}`,
			request(func(r *mesh.RequestLog) { r.Status, r.Method, r.Path = 404, "GET", "/a" }),
			[]mesh.LogField{{Name: "cluster", Value: "eu"}, {Name: "tenant", Value: "a"}, {Name: "more", Value: "1"}},
		},
		"objects within JSON": {
			`{"request":{"path":"%REQ(:PATH)%","more":{"method":"%REQ(:METHOD)%","k":1}},"status":"%RESPONSE_CODE%"}`, true,
			`{"request":{"path":"/a","more":{"method":"GET","k":1}},"status":200}`,
			request(func(r *mesh.RequestLog) { r.Status, r.Method, r.Path = 200, "GET", "/a" }),
			[]mesh.LogField{{Name: "k", Value: "1"}},
		},
		"JSON of something else": {`{"status":"%RESPONSE_CODE%","m":"%REQ(:METHOD)%"}`, true, `{"level":"info","msg":"ready"}`, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			format, err := envoy.NewAccessFormat(test.format, test.json)
			if err != nil {
				t.Fatal(err)
			}
			got := mesh.LogLine{Raw: test.line}
			envoy.DecodeLine(&got, format)
			want := mesh.LogLine{Raw: test.line, Kind: mesh.LogEnvoyAccess, Request: test.want, Extra: test.extra}
			if test.want == nil {
				if got.Request != nil {
					t.Errorf("it was read as %+v", got.Request)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestFormatsThatCannotBeRead(t *testing.T) {
	for name, test := range map[string]struct {
		format string
		json   bool
		why    string
	}{
		"operators side by side":        {"%RESPONSE_CODE%%PROTOCOL%", false, "nothing between %RESPONSE_CODE% and %PROTOCOL%"},
		"an operator that does not end": {"%RESPONSE_CODE% %REQ(X", false, "does not end"},
		"several lines":                 {"%RESPONSE_CODE%\n%PROTOCOL%", false, "more than one line"},
		"what every line would be of":   {"%REQ(X-ANY)%", false, "too little"},
		"only text":                     {"hello", false, "too little"},
		"no JSON":                       {"%RESPONSE_CODE%", true, "no JSON object"},
		"JSON without operators":        {`{"a":"b"}`, true, "too little"},
		"a very long one":               {strings.Repeat("x", 17<<10), false, "longer than"},
		"very many operators":           {strings.Repeat("%RESPONSE_CODE% ", 300), false, "more than 256"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := envoy.NewAccessFormat(test.format, test.json); err == nil || !strings.Contains(err.Error(), test.why) {
				t.Errorf("the error is %v, want %q in it", err, test.why)
			}
		})
	}
}

func TestAMeshsFormats(t *testing.T) {
	formats := envoy.NewAccessFormats([]mesh.AccessLogFormat{
		{Text: "%RESPONSE_CODE% %REQ(:PATH)%"},
		{Text: "%RESPONSE_CODE%%REQ(:PATH)%"},
		{JSON: true, Text: `{"s":"%RESPONSE_CODE%","p":"%REQ(:PATH)%"}`},
	})
	if len(formats) != 2 {
		t.Fatalf("%d formats can be read, want 2", len(formats))
	}
	for _, raw := range []string{"200 /a", `{"s":200,"p":"/a"}`, deniedText, deniedJSON} {
		l := mesh.LogLine{Raw: raw}
		if envoy.DecodeLine(&l, formats...); l.Request == nil || l.Request.Status < 200 || l.Request.Path == "" {
			t.Errorf("%s was read as %+v", raw, l.Request)
		}
	}
}

func FuzzDecodeLine(f *testing.F) {
	format, err := envoy.NewAccessFormat(`%START_TIME(%s)% "%REQ(X-ANY)%" %RESPONSE_CODE% %REQ(USER-AGENT)%`, false)
	if err != nil {
		f.Fatal(err)
	}
	for _, raw := range []string{
		deniedText, deniedJSON, `17 "a b" 200 c`, "[2026-11-23 08:14:37.123][15][critical][main] [source/server/server.cc:12] out of memory",
		"2026-11-23T08:14:37.000000Z\tinfo\txdsproxy\tconnected\tid=27", `{"a":{"b":[1,"}"]}}`, `{"a":"\ud83d\`, "[[[]]]]", "{", `"`,
	} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		l := mesh.LogLine{Raw: raw}
		envoy.DecodeLine(&l, format)
		if r := l.Request; (r == nil) != (l.Kind == mesh.LogPlain) {
			t.Errorf("a line of kind %s has the request %+v", l.Kind, r)
		} else if r != nil && (r.Status < -1 || r.Duration < -1 || r.UpstreamTime < -1 || r.BytesSent < -1 || r.BytesReceived < -1) {
			t.Errorf("a number is out of range: %+v", r)
		}
		if l.Raw != raw {
			t.Error("the line was changed")
		}
	})
}

func FuzzNewAccessFormat(f *testing.F) {
	f.Add("%RESPONSE_CODE% %REQ(:PATH)%", false, "200 /a")
	f.Add(`{"s":"%RESPONSE_CODE%","p":"%REQ(:PATH)%"}`, true, `{"s":200,"p":"/a"}`)
	f.Add("%START_TIME(%s.%3f)% %%%A(%)%:x%", false, "1 %")
	f.Fuzz(func(_ *testing.T, format string, json bool, line string) {
		if one, err := envoy.NewAccessFormat(format, json); err == nil {
			envoy.DecodeLine(&mesh.LogLine{Raw: line}, one)
		}
	})
}
