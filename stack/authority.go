package stack

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// authority is the certificate authority of one stack: made at its start, kept in its run
// folder, trusted by nobody else. Its private key is not even written down.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// certLife is how long certificates hold; a stack that runs longer has to be started again.
const certLife = 30 * 24 * time.Hour

// newAuthority makes an authority and writes its certificate under dir.
func newAuthority(dir string) (*authority, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make a certificate authority: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a certificate authority: %w", err)
	}
	ca := &authority{dir: dir, key: key}
	template := template("devstack CA of one stack")
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("make a certificate authority: %w", err)
	}
	if ca.cert, err = x509.ParseCertificate(der); err != nil {
		return nil, fmt.Errorf("make a certificate authority: %w", err)
	}
	return ca, writePEM(ca.file(), "CERTIFICATE", der)
}

// file is the authority's certificate, which clients verify Consul's with.
func (ca *authority) file() string { return filepath.Join(ca.dir, "ca.pem") }

// issue writes a certificate and key for a, for loopback and for the name that Consul's
// agents expect of a server of their datacenter.
func (ca *authority) issue(a *Agent) (cert, key string, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", fmt.Errorf("make a key for %s: %w", a.Name, err)
	}
	template := template(a.Name)
	template.DNSNames = []string{"localhost", fmt.Sprintf("%s.%s.consul", a.Role, a.DC)}
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, &private.PublicKey, ca.key)
	if err != nil {
		return "", "", fmt.Errorf("make a certificate for %s: %w", a.Name, err)
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		return "", "", fmt.Errorf("make a key for %s: %w", a.Name, err)
	}
	cert, key = filepath.Join(ca.dir, a.Name+".pem"), filepath.Join(ca.dir, a.Name+".key.pem")
	if err := writePEM(cert, "CERTIFICATE", der); err != nil {
		return "", "", err
	}
	return cert, key, writePEM(key, "EC PRIVATE KEY", secret)
}

func template(name string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(certLife),
	}
}

func writePEM(path, kind string, der []byte) error {
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		return fmt.Errorf("write a certificate: %w", err)
	}
	return nil
}
