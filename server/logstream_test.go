package server

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"github.com/waylight/waylight/mesh"
)

func TestAStreamSaysEverythingThatHappensInItsOrder(t *testing.T) {
	_, logs, web := logServer(t, Config{})
	conn := open(t, web, "source=ztunnel/node-a")
	stream := <-logs.streams
	z := ztunnelTarget()
	late := lineAt(z, 1, `late "quoted"`)
	late.Late, late.Line.Cut = true, 7
	stream.give(t,
		mesh.LogEvent{State: &mesh.LogState{From: z, Phase: mesh.LogFollowing}},
		lineAt(z, 2, "one"), late,
		mesh.LogEvent{Gap: &mesh.LogGap{From: z, Oldest: late.Line.Time, Dropped: 12, Reason: mesh.GapSlow}},
		lineAt(z, 3, "three"),
	)
	stream.give(t, mesh.LogEvent{End: &mesh.LogEnd{Reason: "The recording ends."}})
	const of = `"source":"ztunnel/node-a","container":"istio-system/ztunnel-a/istio-proxy","node":"node-a"`
	for _, want := range []string{
		`{"type":"source",` + of + `,"state":"following","detail":""}`,
		`{"type":"lines","lines":[{"id":"c/2/0","time":"1970-01-01T00:16:42Z",` + of + `,"kind":"plain","raw":"one","message":"one"},` +
			`{"id":"c/1/0","time":"1970-01-01T00:16:41Z",` + of + `,"kind":"plain","raw":"late \"quoted\"","message":"late \"quoted\"","late":true,"cut":7}]}`,
		`{"type":"gap",` + of + `,"from":"1970-01-01T00:16:41Z","dropped":12,"reason":"the reader is slower than the log"}`,
		`{"type":"lines","lines":[{"id":"c/3/0","time":"1970-01-01T00:16:43Z",` + of + `,"kind":"plain","raw":"three","message":"three"}]}`,
		`{"type":"end","reason":"The recording ends."}`,
	} {
		got := message(t, conn)
		if !json.Valid([]byte(got)) {
			t.Errorf("no JSON: %s", got)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("message (-want +got):\n%s", diff)
		}
	}
	if c := closedWith(t, conn); c.Code != websocket.CloseNormalClosure || c.Text != "The recording ends." {
		t.Errorf("closed with %v", c)
	}
	<-stream.closed
}

func TestOnlyTheServersOwnPagesAndProgramsOpenStreams(t *testing.T) {
	_, _, web := logServer(t, Config{})
	host := strings.TrimPrefix(web.URL, "http://")
	_, port, _ := strings.Cut(host, ":")
	tests := []struct {
		words   string
		headers []string
		want    int
	}{
		{"a program, which sends no Origin", nil, http.StatusSwitchingProtocols},
		{"the server's own page", []string{"Origin: http://" + host}, http.StatusSwitchingProtocols},
		{"the same in a browser that says more", []string{"Origin: http://" + host, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: websocket", "Sec-Fetch-Dest: websocket"}, http.StatusSwitchingProtocols},
		{"another site's page", []string{"Origin: https://evil.example"}, http.StatusForbidden},
		{"another port of the same machine", []string{"Origin: http://127.0.0.1:1"}, http.StatusForbidden},
		{"another name of the same machine", []string{"Origin: http://localhost:" + port}, http.StatusForbidden},
		{"a sandboxed frame", []string{"Origin: null"}, http.StatusForbidden},
		{"another site's page in a browser that leaves Origin out", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: websocket"}, http.StatusForbidden},
		{"a site whose name was pointed at 127.0.0.1", []string{"Host: evil.example:" + port, "Origin: http://evil.example:" + port}, http.StatusForbidden},
		{"a client that asks for no subprotocol", []string{"Sec-WebSocket-Protocol: "}, http.StatusBadRequest},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			_, err := dial(t, web, "source=ztunnel/node-a", tt.headers...)
			got := http.StatusSwitchingProtocols
			if no, ok := errors.AsType[refused](err); ok {
				got = no.status
			}
			if got != tt.want {
				t.Errorf("answered %d, want %d: %v", got, tt.want, err)
			}
		})
	}
}

func TestTheClientPausesResumesAndFilters(t *testing.T) {
	_, logs, web := logServer(t, Config{})
	conn := open(t, web, "source=ztunnel/node-a&exclude=noise")
	stream, z := <-logs.streams, ztunnelTarget()
	say(t, conn, `{"type":"pause"}`)
	say(t, conn, `{"type":"resume"}`)
	for _, want := range []string{"pause", "resume"} {
		if got := <-stream.calls; got != want {
			t.Errorf("the stream was told %q, want %q", got, want)
		}
	}
	raws := func() []string {
		stream.give(t, lineAt(z, 1, "noise"), lineAt(z, 2, "signal"))
		var m struct{ Lines []struct{ Raw string } }
		if err := json.Unmarshal([]byte(message(t, conn)), &m); err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, l := range m.Lines {
			out = append(out, l.Raw)
		}
		return out
	}
	steps := []struct{ words, say, answer, want string }{
		{"a filter takes the place of the one before", `{"type":"filter","include":["^noi"]}`, `{"type":"filter"}`, "noise"},
		{"a bad expression is told, and the filter stays", `{"type":"filter","include":["("]}`, `{"type":"filter","error":"\"(\" is no regular expression (RE2): missing closing )"}`, "noise"},
		{"a bad level is told as well", `{"type":"filter","level":"loud"}`, `{"type":"filter","error":"\"loud\" is no level: write error, warn, info, debug or trace"}`, "noise"},
		{"no filter shows all", `{"type":"filter"}`, `{"type":"filter"}`, "noise signal"},
	}
	if got := strings.Join(raws(), " "); got != "signal" {
		t.Errorf("the address's filter shows %q", got)
	}
	for _, step := range steps {
		say(t, conn, step.say)
		if got := message(t, conn); got != step.answer {
			t.Errorf("%s: answered %s", step.words, got)
		}
		if got := strings.Join(raws(), " "); got != step.want {
			t.Errorf("%s: shows %q, want %q", step.words, got, step.want)
		}
	}
}
