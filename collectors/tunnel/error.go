package tunnel

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
	"unicode"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/waylight/waylight/mesh"
)

// Reason tells apart what a person would do next.
type Reason string

// The reasons for which a call gets no answer.
const (
	Forbidden Reason = "forbidden" // a right is missing
	NoPod     Reason = "no-pod"    // it is gone, or not running
	Refused   Reason = "refused"   // nothing listens on the port
	TimedOut  Reason = "timed-out"
	Failed    Reason = "failed" // anything else; the text says what
)

// Error is why a proxy did not answer.
type Error struct {
	Reason Reason
	Pod    mesh.Ref
	text   string
}

// Error is one sentence without its full stop. Of a missing right it is the
// right alone, as "verb resource in namespace".
func (e *Error) Error() string { return e.text }

// Right is the right that a port-forward needs. Older API servers want "get"
// for a WebSocket; with "create" the fallback to SPDY passes there.
func Right(namespace string) string { return "create pods/portforward in " + namespace }

// explain turns what failed on the way to a pod's port into an Error. limit is
// how long the call was given.
func explain(err error, pod mesh.Ref, port uint16, limit time.Duration) *Error {
	if known, ok := errors.AsType[*Error](err); ok {
		return known
	}
	e := &Error{Reason: Failed, Pod: pod}
	var status apierrors.APIStatus
	var remote *remoteError
	var answer *answerError
	switch {
	case errors.As(err, &status):
		e.Reason, e.text = explainStatus(status, pod)
	case errors.As(err, &remote):
		e.Reason, e.text = explainRemote(remote, pod, port)
	case errors.As(err, &answer):
		e.text = fmt.Sprintf("port %d of pod %s answered %s", port, pod.NamespacedName(), answer)
	case timedOut(err):
		e.Reason, e.text = TimedOut, fmt.Sprintf("port %d of pod %s gave no whole answer within %s", port, pod.NamespacedName(), limit)
	case errors.Is(err, context.Canceled):
		e.text = fmt.Sprintf("reading pod %s was given up", pod.NamespacedName())
	default:
		e.text = fmt.Sprintf("the connection to port %d of pod %s failed: %s", port, pod.NamespacedName(), innermost(err))
	}
	e.text = plain(e.text)
	return e
}

// explainStatus is about what the API server answers to a port-forward.
func explainStatus(err apierrors.APIStatus, pod mesh.Ref) (Reason, string) {
	s := err.Status()
	switch s.Code {
	case http.StatusForbidden:
		return Forbidden, Right(pod.Namespace)
	case http.StatusUnauthorized:
		return Failed, "the API server does not accept the credentials (401 Unauthorized)"
	case http.StatusNotFound:
		return NoPod, fmt.Sprintf("there is no pod %s", pod.NamespacedName())
	}
	if strings.Contains(s.Message, "dialing backend") || s.Code == http.StatusBadGateway || s.Code == http.StatusServiceUnavailable {
		return Failed, fmt.Sprintf("the API server does not reach the kubelet of pod %s: %s", pod.NamespacedName(), s.Message)
	}
	return Failed, fmt.Sprintf("the API server refused the port-forward to pod %s with %d: %s", pod.NamespacedName(), s.Code, s.Message)
}

// remoteError is what the kubelet says of a connection into a pod.
type remoteError struct{ text string }

func (e *remoteError) Error() string { return e.text }

// explainRemote reads the kubelet's words, of which only the kernel's and
// those of the container runtimes can be told apart.
func explainRemote(err *remoteError, pod mesh.Ref, port uint16) (Reason, string) {
	switch {
	case strings.Contains(err.text, "connection refused"):
		return Refused, fmt.Sprintf("nothing listens on port %d of pod %s", port, pod.NamespacedName())
	case strings.Contains(err.text, "not found"), strings.Contains(err.text, "not running"):
		return NoPod, fmt.Sprintf("pod %s is not running: %s", pod.NamespacedName(), err.text)
	}
	return Failed, fmt.Sprintf("the kubelet does not reach port %d of pod %s: %s", port, pod.NamespacedName(), err.text)
}

func timedOut(err error) bool {
	network, ok := errors.AsType[net.Error](err)
	return errors.Is(err, context.DeadlineExceeded) || (ok && network.Timeout())
}

// innermost leaves out the layers of HTTP, and says what a broken connection is
// in words.
func innermost(err error) string {
	if request, ok := errors.AsType[*url.Error](err); ok {
		err = request.Err
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the API server does not listen"
	case errors.Is(err, errCut):
		return errCut.Error()
	}
	return err.Error()
}

// maxText bounds a reason, in bytes: some carry whole pages of a proxy on the
// way.
const maxText = 400

// plain makes one bounded line of a text from outside.
func plain(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	text = strings.ToValidUTF8(strings.Join(words, " "), "")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text
}
