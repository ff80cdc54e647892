package kubelet

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/waylight/waylight/e2e/wait"
)

// began is when the first line of each test's container was written; one more follows each second.
var began = time.Date(2026, 1, 2, 3, 4, 5, 600_000_000, time.UTC)

// container makes the log of a container that wrote these lines.
func container(lines ...string) *Log {
	log := NewLog()
	for i, text := range lines {
		log.Write(began.Add(time.Duration(i)*time.Second), text)
	}
	return log
}

// logs asks a kubelet with one container for its log.
func logs(t *testing.T, log *Log, query string) *http.Response {
	t.Helper()
	k := Start(t)
	k.Run("shop", "web", Pod{Containers: map[string]*Log{"app": log}})
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	response, err := client.Get(fmt.Sprintf("https://127.0.0.1:%d/containerLogs/shop/web/app?%s", k.Port(), query))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

func TestWhatIsWritten(t *testing.T) {
	restarted := func() *Log { log := container("one", "two"); log.Restart(); log.Write(began, "anew"); return log }
	rotated := func() *Log { log := container("one", "two"); log.Rotate(); log.Write(began, "three"); return log }
	for _, tt := range []struct {
		words string
		log   *Log
		query string
		want  string
	}{
		{"all of it", container("one", "two"), "", "one\ntwo\n"},
		{"with the times", container("one"), "timestamps=true", "2026-01-02T03:04:05.6Z one\n"},
		{"its last lines", container("one", "two", "three"), "tailLines=2", "two\nthree\n"},
		{"none of its lines", container("one"), "tailLines=0", ""},
		{"what is not older than a time", container("one", "two", "three"), "sinceTime=2026-01-02T03:04:06Z", "two\nthree\n"},
		{"of the last lines what is not older", container("one", "two", "three"), "tailLines=1&sinceTime=2026-01-02T03:04:06Z", "three\n"},
		{"what was written in the last seconds, years later", container("one"), "sinceSeconds=60", ""},
		{"some bytes", container("one", "two"), "limitBytes=6", "one\ntw"},
		{"the container that runs", restarted(), "", "anew\n"},
		{"the container before", restarted(), "previous=true", "one\ntwo\n"},
		{"the file that is written to", rotated(), "", "three\n"},
		{"the last lines of a batch", numbered(), "tailLines=3", "a2\nb0\nb1\n"},
		{"a batch with its times", numbered(), "tailLines=2&timestamps=true", "2026-01-02T03:04:05.6Z b0\n2026-01-02T03:04:05.601Z b1\n"},
		{"hostile text as it is", container("\x1b[2J<script>\xff"), "", "\x1b[2J<script>\xff\n"},
		{"a container that ended, followed", restarted(), "previous=true&follow=true", "one\ntwo\n"},
	} {
		t.Run(tt.words, func(t *testing.T) {
			got, err := io.ReadAll(logs(t, tt.log, tt.query).Body)
			if err != nil || string(got) != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

// numbered is the log of a container that wrote three lines at once, and then two in two milliseconds.
func numbered() *Log {
	log := NewLog()
	log.WriteBatch(Batch{At: began, Lines: 3, Text: func(i int) string { return fmt.Sprint("a", i) }})
	log.WriteBatch(Batch{At: began, Step: time.Millisecond, Lines: 2, Text: func(i int) string { return fmt.Sprint("b", i) }})
	return log
}

func TestNoContainerBefore(t *testing.T) {
	if response := logs(t, container("one"), "previous=true"); response.StatusCode != http.StatusBadRequest {
		t.Errorf("answers %s", response.Status)
	}
}

// TestWhoFollows reads line by line what happens while it is followed.
func TestWhoFollows(t *testing.T) {
	log := container("one")
	body := bufio.NewReader(logs(t, log, "follow=true").Body)
	expect := func(want string) {
		t.Helper()
		if got, err := body.ReadString('\n'); err != nil || got != want+"\n" {
			t.Fatalf("got %q, %v, want %q", got, err, want)
		}
	}
	expect("one")
	log.Write(began, "two")
	expect("two")
	log.Rotate()
	log.Write(began, "after the rotation")
	expect("after the rotation")
	log.Stall(true)
	log.Write(began, "held back")
	log.Stall(false)
	expect("held back")
	log.Restart()
	if rest, err := io.ReadAll(body); err != nil || len(rest) > 0 {
		t.Errorf("after the container's end: %q, %v", rest, err)
	}
}

func TestWhoFollowsIsCutOff(t *testing.T) {
	log := container("one")
	body := bufio.NewReader(logs(t, log, "follow=true").Body)
	if _, err := body.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	log.Cut()
	if _, err := io.ReadAll(body); err == nil {
		t.Error("the stream ends as if the container had")
	}
}

func TestWhoFollowsIsCutOffWithinALine(t *testing.T) {
	log := container("one")
	body := bufio.NewReader(logs(t, log, "follow=true").Body)
	if _, err := body.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	log.Tear()
	log.WriteBatch(Batch{At: began, Lines: 2, Text: func(i int) string { return fmt.Sprint("line-", i) }})
	if got, err := io.ReadAll(body); err == nil || string(got) != "line-0\nlin" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestReadersAreCounted(t *testing.T) {
	log := container("one")
	body := logs(t, log, "follow=true").Body
	if _, err := bufio.NewReader(body).ReadString('\n'); err != nil || log.Readers() != 1 {
		t.Errorf("%d readers, %v", log.Readers(), err)
	}
	log.End()
	if _, err := io.ReadAll(body); err != nil {
		t.Errorf("after the container's end: %v", err)
	}
	wait.For(t, wait.Limit, "nobody reads", func() error {
		if n := log.Readers(); n > 0 {
			return fmt.Errorf("%d readers", n)
		}
		return nil
	})
}
