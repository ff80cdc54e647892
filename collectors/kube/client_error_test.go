package kube

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

func TestErrorsAreExplainedInPlainWords(t *testing.T) {
	const server = "https://prod.example.com:6443"
	asked := func(err error) error {
		return &url.Error{Op: "Get", URL: server + "/readyz?timeout=5s", Err: err}
	}
	dialed := func(errno syscall.Errno) error {
		return asked(&net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", errno)})
	}
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"nothing listens", dialed(syscall.ECONNREFUSED), "connection refused at " + server},
		{"no route", dialed(syscall.EHOSTUNREACH), "no route to " + server},
		{"no network", dialed(syscall.ENETUNREACH), "no route to " + server},
		{"unknown host", asked(&net.DNSError{Name: "prod.example.com", Err: "no such host"}), "the host name prod.example.com of the API server is not known"},
		{"timeout", asked(context.DeadlineExceeded), "no answer from " + server},
		{"reset", asked(syscall.ECONNRESET), "connection lost to " + server},
		{"end", asked(io.EOF), "connection lost to " + server},
		{"foreign authority", asked(fmt.Errorf("tls: failed to verify certificate: %w", x509.UnknownAuthorityError{})), "the certificate of " + server + " is not trusted: x509: certificate signed by unknown authority"},
		{"not ready", &notReadyError{status: 500, failed: []string{"etcd", "informer-sync"}}, "the API server at " + server + " is not ready: etcd, informer-sync"},
		{"not ready, without a reason", &notReadyError{status: 503}, "the API server at " + server + " is not ready (status 503)"},
		{"credentials", apierrors.NewUnauthorized("x"), server + " does not accept the credentials (401 Unauthorized)"},
		{"an error of its own", apierrors.NewInternalError(errors.New("conversion webhook failed")), server + " answered 500: Internal error occurred: conversion webhook failed"},
		{"credential plugin", asked(errors.New("getting credentials: exec: executable aws not found\n\nIt looks like you are trying to use a client-go credential plugin")), "no connection to " + server + ": getting credentials: exec: executable aws not found It looks like"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := explain(c.err, server)
			if !strings.HasPrefix(got, c.want) || (c.name != "credential plugin" && got != c.want) {
				t.Errorf("it says %q, want %q", got, c.want)
			}
		})
	}
}

func TestExplanationsAreOneBoundedLine(t *testing.T) {
	page := "<html>\r\n\x1b[31m\x00" + strings.Repeat("proxy error ", 1000)
	got := explain(errors.New(page), "https://x")
	if len(got) > maxDetail+40 || strings.ContainsAny(got, "\r\n\x1b\x00") {
		t.Errorf("it says %q", got)
	}
}
