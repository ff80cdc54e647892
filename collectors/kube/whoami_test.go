package kube_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"k8s.io/client-go/rest"

	"github.com/waylight/waylight/collectors/kube"
)

func TestTheAPIServerSaysWhoWaylightIs(t *testing.T) {
	tests := []struct {
		words  string
		status int
		body   string
		want   string
		fails  string
	}{
		{"a person", 201, `{"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1","status":{"userInfo":{"username":"jane"}}}`, "jane", ""},
		{"a name with control characters", 201, `{"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1","status":{"userInfo":{"username":"ja\u001bne\nroot"}}}`, "ja ne root", ""},
		{"a server that does not know the question", 404, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"the server could not find the requested resource","code":404}`, "", "could not find"},
		{"no user", 401, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Unauthorized","message":"Unauthorized","code":401}`, "", "credentials"},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPost || r.URL.Path != "/apis/authentication.k8s.io/v1/selfsubjectreviews" {
					t.Errorf("%s %s", r.Method, r.URL)
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(tt.status)
				io.WriteString(w, tt.body)
			}))
			defer api.Close()
			got, err := kube.WhoAmI(t.Context(), &rest.Config{Host: api.URL}, "test")
			if got != tt.want || (err == nil) != (tt.fails == "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}
