package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
)

// defaultListen is where the dashboard is served unless told otherwise. The
// port may move on when it is taken; one that was asked for may not.
const (
	defaultListen = "127.0.0.1:7780"
	portsToTry    = 50
)

// listen opens the listener. Without an authentication mode only loopback is
// served: anything else would show the mesh to the network.
func listen(ctx context.Context, address string, asked bool) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("--listen %q is not of the form host:port", address)
	}
	if !loopback(host) {
		return nil, fmt.Errorf("--listen %s is not a loopback address, and without an authentication mode only loopback is served; use kubectl port-forward to reach Waylight in a cluster", address)
	}
	first, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("--listen %q: the port is no number", address)
	}
	last := first
	if !asked {
		last += portsToTry
	}
	var lc net.ListenConfig
	for p := first; ; p++ {
		l, err := lc.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(p)))
		if err == nil {
			return l, nil
		}
		if p >= last || !errors.Is(err, syscall.EADDRINUSE) {
			return nil, fmt.Errorf("cannot listen on %s: %w", address, err)
		}
	}
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
