package server

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// Frames of a client as bytes (RFC 6455, 5.2): masked by zeros, without content.
var (
	textBegins   = []byte{0x01, 0x80, 0, 0, 0, 0}
	textContinue = []byte{0x00, 0x80, 0, 0, 0, 0}
)

func TestAMessageOfEmptyPiecesWithoutEndIsGivenUp(t *testing.T) {
	ended := make(chan error, 1)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			ended <- err
			return
		}
		in := &inbox{conn: conn, patience: 50 * time.Millisecond}
		in.watch()
		_, err = in.next()
		ended <- err
		conn.Close()
	}))
	defer web.Close()
	conn, res, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(web.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	defer conn.Close()
	raw := conn.NetConn()
	for _, err = raw.Write(textBegins); err == nil; {
		_, err = raw.Write(textContinue)
	}
	if err := <-ended; !errors.Is(err, errSlow) {
		t.Errorf("ended with %v", err)
	}
}

func TestOnlySoManyMessagesAreAdmitted(t *testing.T) {
	start := time.Unix(0, 0)
	var m meter
	for i := range orderBurst {
		if !m.admit(start) {
			t.Fatalf("message %d is refused", i)
		}
	}
	if m.admit(start) {
		t.Error("one more than a burst is admitted")
	}
	if !m.admit(start.Add(time.Second)) {
		t.Error("after a second none is admitted")
	}
}
