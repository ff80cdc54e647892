package kube

import (
	"context"
	"errors"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
)

// WhoAmI asks the API server which user it takes the bearer of cfg's
// credentials for, impersonation included, as kubectl auth whoami does. Every
// user may ask that. userAgent is for the API server's log.
func WhoAmI(ctx context.Context, cfg *rest.Config, userAgent string) (string, error) {
	c, err := newClient(cfg, userAgent)
	if err != nil {
		return "", err
	}
	defer c.http.CloseIdleConnections()
	r, err := c.restClient("/apis", schema.GroupVersion{Group: "authentication.k8s.io", Version: "v1"}, true)
	if err != nil {
		return "", err
	}
	var review authenticationv1.SelfSubjectReview
	if err := r.Post().Resource("selfsubjectreviews").Body(&authenticationv1.SelfSubjectReview{}).Do(ctx).Into(&review); err != nil {
		return "", errors.New(explain(err, c.server))
	}
	return plain(review.Status.UserInfo.Username), nil
}
