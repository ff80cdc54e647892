// Package logclient is a client of Waylight's log stream (/ws/logs) that does what a test wants: reads as fast as it can, not
// at all, or sends more than it should. Nothing here knows Waylight's Go packages.
package logclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/waylight/waylight/e2e/wait"
)

// Subprotocol is the only one that the stream speaks.
const Subprotocol = "waylight.logs.v1"

// path is where the stream is.
const path = "/ws/logs"

// Client is one open stream.
type Client struct{ socket *websocket.Conn }

// Open follows what a query asks for at a server's address ("http://…"), until the test ends.
func Open(t testing.TB, server string, query url.Values) *Client {
	t.Helper()
	c, err := Dial(t.Context(), server, query, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// Dial opens a stream with further headers. The error says how the server refused it.
func Dial(ctx context.Context, server string, query url.Values, header http.Header) (*Client, error) {
	dialer := websocket.Dialer{Subprotocols: []string{Subprotocol}, HandshakeTimeout: wait.Limit}
	socket, response, err := dialer.DialContext(ctx, "ws"+strings.TrimPrefix(server, "http")+path+"?"+query.Encode(), header)
	if response != nil {
		defer response.Body.Close()
	}
	if errors.Is(err, websocket.ErrBadHandshake) {
		return nil, Refused{Status: response.StatusCode}
	}
	if err != nil {
		return nil, err
	}
	return &Client{socket: socket}, nil
}

// Refused is a stream that the server did not open.
type Refused struct{ Status int }

func (r Refused) Error() string {
	return fmt.Sprintf("the server answers %d %s", r.Status, http.StatusText(r.Status))
}

// Read waits for the next message, at most until a moment. The error of a stream that the server closed is a
// *websocket.CloseError.
func (c *Client) Read(until time.Time) (Message, error) {
	if err := c.socket.SetReadDeadline(until); err != nil {
		return Message{}, err
	}
	_, text, err := c.socket.ReadMessage()
	if err != nil {
		return Message{}, err
	}
	var m Message
	if err := json.Unmarshal(text, &m); err != nil {
		return Message{}, fmt.Errorf("%w: %.200s", err, text)
	}
	return m, nil
}

// ReadUntil hands on message after message until done says that it is enough. It fails the test when that takes too long.
func (c *Client) ReadUntil(t testing.TB, limit time.Duration, done func(Message) bool) {
	t.Helper()
	for until := time.Now().Add(limit); ; {
		m, err := c.Read(until)
		if err != nil {
			t.Fatalf("the stream of logs: %v", err)
		}
		if done(m) {
			return
		}
	}
}

// Send sends one message, as a page does.
func (c *Client) Send(message any) error { return c.socket.WriteJSON(message) }

// Ping asks whether the server is there; nobody waits for the answer.
func (c *Client) Ping() error {
	return c.socket.WriteControl(websocket.PingMessage, nil, time.Now().Add(wait.Limit))
}

// Close ends the connection without a word.
func (c *Client) Close() { _ = c.socket.Close() }

// CloseCode is the code with which the server has closed a stream, 0 if it did not say.
func CloseCode(err error) int {
	var closed *websocket.CloseError
	if errors.As(err, &closed) {
		return closed.Code
	}
	return 0
}
