package kube

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"unicode"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// maxDetail bounds what a source says about itself, in bytes: some errors carry
// whole pages of a proxy on the way.
const maxDetail = 400

// errConnectionLost is a connection that ended while a watch was asked for.
var errConnectionLost = errors.New("connection lost")

// deniedError is a request that the API server does not permit.
type deniedError struct{ verb string }

func (e *deniedError) Error() string { return e.verb + " is not permitted" }

func isDenied(err error) bool {
	_, denied := errors.AsType[*deniedError](err)
	return denied
}

func asDenied(verb string, err error) error {
	if apierrors.IsForbidden(err) {
		return &deniedError{verb: verb}
	}
	return err
}

// notReadyError is an API server that answers, but says that it is not ready.
type notReadyError struct {
	status int
	failed []string // names of its own checks
}

func (e *notReadyError) Error() string {
	if len(e.failed) == 0 {
		return fmt.Sprintf("not ready (status %d)", e.status)
	}
	return "not ready: " + listed(e.failed)
}

// failedChecks reads the names of failed checks out of what /readyz says.
func failedChecks(body string) []string {
	var out []string
	for line := range strings.Lines(body) {
		if rest, failed := strings.CutPrefix(line, "[-]"); failed {
			name, _, _ := strings.Cut(rest, " ")
			out = append(out, strings.TrimSpace(name))
		}
	}
	return out
}

// explain says in one plain sentence why a request to server failed. Who reads
// it knows networks and clusters, not the layers of this program.
func explain(err error, server string) string {
	return plain(explanation(err, server))
}

func explanation(err error, server string) string {
	var notReady *notReadyError
	var status apierrors.APIStatus
	var dns *net.DNSError
	switch {
	case errors.As(err, &notReady):
		return fmt.Sprintf("the API server at %s is %s", server, notReady)
	case errors.As(err, &status):
		return explainStatus(status, server)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused at " + server
	case errors.As(err, &dns):
		return fmt.Sprintf("the host name %s of the API server is not known", dns.Name)
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "no route to " + server
	case timedOut(err):
		return "no answer from " + server
	case lost(err):
		return "connection lost to " + server
	case untrusted(err):
		return fmt.Sprintf("the certificate of %s is not trusted: %s", server, innermost(err))
	}
	return fmt.Sprintf("no connection to %s: %s", server, innermost(err))
}

func explainStatus(err apierrors.APIStatus, server string) string {
	s := err.Status()
	if s.Code == http.StatusUnauthorized {
		return fmt.Sprintf("%s does not accept the credentials (401 Unauthorized)", server)
	}
	return fmt.Sprintf("%s answered %d: %s", server, s.Code, s.Message)
}

// transportFailed tells an error of the way to the API server, or of all
// requests alike, from one that concerns a single request.
func transportFailed(err error) bool {
	_, way := errors.AsType[*url.Error](err) // every error of an http.Client is one
	return way || lost(err) || timedOut(err) || apierrors.IsUnauthorized(err)
}

func timedOut(err error) bool {
	network, ok := errors.AsType[net.Error](err)
	return errors.Is(err, context.DeadlineExceeded) || (ok && network.Timeout())
}

func lost(err error) bool {
	return errors.Is(err, errConnectionLost) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, net.ErrClosed)
}

func untrusted(err error) bool {
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	return errors.As(err, &authority) || errors.As(err, &invalid) || errors.As(err, &name)
}

// innermost leaves out who called whom: the method and address that net/http
// puts before each error, and the layers of TLS.
func innermost(err error) string {
	if request, ok := errors.AsType[*url.Error](err); ok {
		err = request.Err
	}
	return strings.TrimPrefix(err.Error(), "tls: failed to verify certificate: ")
}

// plain makes one bounded line of a text from outside.
func plain(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	return bounded(strings.Join(words, " "), maxDetail)
}
