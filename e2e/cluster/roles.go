package cluster

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ReadClusterRole reads the first ClusterRole of a manifest, so that tests run Waylight with the rights it is shipped with.
func ReadClusterRole(t testing.TB, file string) *rbacv1.ClusterRole {
	t.Helper()
	for _, object := range readManifest(t, file) {
		if object.GetKind() != "ClusterRole" {
			continue
		}
		role := &rbacv1.ClusterRole{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, role); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		return role
	}
	t.Fatalf("%s has no ClusterRole", file)
	return nil
}

// GrantInCluster gives a user a ClusterRole everywhere. The role is written first.
func (c *Cluster) GrantInCluster(t testing.TB, user string, role *rbacv1.ClusterRole) {
	t.Helper()
	c.Apply(t, role, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: bindingName(user, role)},
		RoleRef:    refTo(role),
		Subjects:   subjects(user),
	})
}

// GrantInNamespaces gives a user the rights of a ClusterRole in some namespaces and nowhere else.
func (c *Cluster) GrantInNamespaces(t testing.TB, user string, role *rbacv1.ClusterRole, namespaces ...string) {
	t.Helper()
	c.Apply(t, role)
	for _, namespace := range namespaces {
		c.Apply(t, &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: bindingName(user, role), Namespace: namespace},
			RoleRef:    refTo(role),
			Subjects:   subjects(user),
		})
	}
}

// Revoke takes back what GrantInCluster gave.
func (c *Cluster) Revoke(t testing.TB, user string, role *rbacv1.ClusterRole) {
	t.Helper()
	c.Delete(t, &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: bindingName(user, role)}})
}

func bindingName(user string, role *rbacv1.ClusterRole) string { return user + "-" + role.Name }

func refTo(role *rbacv1.ClusterRole) rbacv1.RoleRef {
	return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name}
}

func subjects(user string) []rbacv1.Subject {
	return []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}}
}
