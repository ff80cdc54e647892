package tunnel

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"k8s.io/streaming/pkg/httpstream"
)

const (
	// maxHeader bounds the head of an answer, maxComplaint what the kubelet or
	// a proxy says of a failure.
	maxHeader    = 64 << 10
	maxComplaint = 4 << 10
	// complaintGrace is how long after the end of the data the kubelet's word on
	// it is waited for. It is sent before, on a stream of its own.
	complaintGrace = time.Second
)

// errCut is an answer that ended before its end.
var errCut = errors.New("the answer broke off")

// exchange makes one call over a connection. What it leaves of the connection
// can be used again only if there is no error.
func (c *connection) exchange(ctx context.Context, to call, id int, read reading) error {
	stop := context.AfterFunc(ctx, c.end)
	defer stop()
	data, failure, err := c.open(to.port, id)
	if err != nil {
		return firstOf(ctx.Err(), err)
	}
	defer c.release(data, failure)
	complaint := listen(failure)
	err = converse(data, to, read)
	if ctx.Err() != nil {
		return ctx.Err() // the end that was read may be the one we made
	}
	if err == nil {
		return nil
	}
	if said := complaint(); said != "" {
		return &remoteError{said}
	}
	return err
}

// release gives both streams back, whatever is still on its way on them.
func (c *connection) release(streams ...httpstream.Stream) {
	for _, s := range streams {
		_ = s.Reset() // it may be at its end already
	}
	c.RemoveStreams(streams...)
}

// listen collects what the kubelet says of a connection; the function it
// answers waits for it a moment.
func listen(failure httpstream.Stream) func() string {
	_ = failure.Close() // nothing is ever said on it from here
	said := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(io.LimitReader(failure, maxComplaint)) // what arrived is what counts
		said <- string(text)
	}()
	return func() string {
		select {
		case text := <-said:
			return text
		case <-time.After(complaintGrace):
			return ""
		}
	}
}

// reading takes an answer while it arrives.
type reading func(head http.Header, body io.Reader) error

// converse sends the request and reads the answer.
func converse(data io.ReadWriter, to call, read reading) error {
	request, err := http.NewRequestWithContext(context.Background(), to.method, "http://localhost"+to.path, nil)
	if err != nil {
		return err
	}
	request.Close = true
	if err := request.Write(data); err != nil {
		return err
	}
	head := &io.LimitedReader{R: data, N: maxHeader}
	answer := bufio.NewReader(head)
	response, err := http.ReadResponse(answer, request)
	if err != nil {
		return brokenHead(err)
	}
	defer response.Body.Close()
	head.N = maxAnswer
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(response.Body, maxComplaint)) // as much as there is
		return &answerError{status: response.Status, text: string(text)}
	}
	body := &watched{r: response.Body}
	if err := read(response.Header, body); err != nil {
		return firstOf(body.err, &readError{err})
	}
	return nil
}

// brokenHead tells an answer that is no HTTP from one that ended too soon.
func brokenHead(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errCut
	}
	return fmt.Errorf("what answers there does not speak HTTP: %w", err)
}

// answerError is an answer that is none.
type answerError struct{ status, text string }

func (e *answerError) Error() string {
	if e.text == "" {
		return e.status
	}
	return e.status + ": " + e.text
}

// readError is what the reader of an answer found wrong with it.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

// watched remembers that an answer was cut off, which its reader may call
// something else.
type watched struct {
	r   io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = fmt.Errorf("%w: %w", errCut, err)
	}
	return n, err
}

// firstOf is the first error that is one.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
