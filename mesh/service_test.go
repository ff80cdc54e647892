package mesh_test

import (
	"testing"

	"github.com/waylight/waylight/mesh"
)

func TestServicePortDeclared(t *testing.T) {
	tests := []struct {
		name string
		port mesh.ServicePort
		want mesh.L7Protocol
	}{
		{"the name is a protocol", mesh.ServicePort{Name: "http", Port: 80}, mesh.ProtocolHTTP},
		{"the name begins with one", mesh.ServicePort{Name: "grpc-api", Port: 9000}, mesh.ProtocolHTTP},
		{"grpc-web", mesh.ServicePort{Name: "grpc-web-ui", Port: 9000}, mesh.ProtocolHTTP},
		{"in capitals", mesh.ServicePort{Name: "HTTP2", Port: 80}, mesh.ProtocolHTTP},
		{"a proxy's protocol", mesh.ServicePort{Name: "http_proxy", Port: 3128}, mesh.ProtocolHTTP},
		{"a word that only begins like one", mesh.ServicePort{Name: "httpd", Port: 80}, mesh.ProtocolUndeclared},
		{"https is opaque to a waypoint", mesh.ServicePort{Name: "https", Port: 443}, mesh.ProtocolTCP},
		{"a database", mesh.ServicePort{Name: "redis-main", Port: 6379}, mesh.ProtocolTCP},
		{"appProtocol beats the name", mesh.ServicePort{Name: "http", AppProtocol: "tcp", Port: 80}, mesh.ProtocolTCP},
		{"an appProtocol nobody knows hides the name", mesh.ServicePort{Name: "http", AppProtocol: "example.com/x", Port: 80}, mesh.ProtocolUndeclared},
		{"HTTP/2 in the clear, as Kubernetes names it", mesh.ServicePort{AppProtocol: "kubernetes.io/h2c", Port: 80}, mesh.ProtocolHTTP},
		{"WebSocket, as Kubernetes names it", mesh.ServicePort{AppProtocol: "kubernetes.io/ws", Port: 80}, mesh.ProtocolHTTP},
		{"WebSocket over TLS cannot be read", mesh.ServicePort{AppProtocol: "kubernetes.io/wss", Port: 443}, mesh.ProtocolTCP},
		{"UDP, whatever it is called", mesh.ServicePort{Name: "http", Protocol: "UDP", Port: 53}, mesh.ProtocolUDP},
		{"no name", mesh.ServicePort{Port: 8080}, mesh.ProtocolUndeclared},
		{"mysql's port speaks first and is not guessed at", mesh.ServicePort{Name: "db", Port: 3306}, mesh.ProtocolTCP},
		{"nor with an appProtocol nobody knows", mesh.ServicePort{AppProtocol: "x", Port: 25}, mesh.ProtocolTCP},
		{"a declared protocol beats the well-known port", mesh.ServicePort{Name: "http", Port: 3306}, mesh.ProtocolHTTP},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.port.Declared(); got != tt.want {
				t.Errorf("Declared = %s, want %s", got, tt.want)
			}
		})
	}
}
