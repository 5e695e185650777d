// Oracle answers, line by line, what the kubelet makes of pull Secrets and images. It calls the kubelet's own code and
// adds nothing: each request is a JSON object on a line of standard input, its answer one on standard output, in order.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/credentialprovider"
	"k8s.io/kubernetes/pkg/credentialprovider/secrets"
	"k8s.io/kubernetes/pkg/util/parsers"
)

// request holds one question; each field that is set is answered in the field of the same name.
type request struct {
	Images   []string         `json:"images"`
	Keys     []string         `json:"keys"`
	Lookup   *lookupRequest   `json:"lookup"`
	Selector *selectorRequest `json:"selector"`
}

type answer struct {
	Images   []image         `json:"images,omitempty"`
	Keys     []key           `json:"keys,omitempty"`
	Lookup   *lookupAnswer   `json:"lookup,omitempty"`
	Selector *selectorAnswer `json:"selector,omitempty"`
	// Error is set when the request itself could not be read.
	Error string `json:"error,omitempty"`
}

// image is what ParseImageName makes of an image.
type image struct {
	Name   string `json:"name,omitempty"`
	Tag    string `json:"tag,omitempty"`
	Digest string `json:"digest,omitempty"`
	Error  string `json:"error,omitempty"`
}

// key is what a registry key is stored under; Dropped when the kubelet ignores it. Bytes, for it need not be UTF-8.
type key struct {
	Normalised []byte `json:"normalised"`
	Dropped    bool   `json:"dropped,omitempty"`
}

type lookupRequest struct {
	Secrets []secret `json:"secrets"`
	// Names are repository names as ParseImageName returns them.
	Names []string `json:"names"`
}

type secret struct {
	Name string            `json:"name"`
	Type string            `json:"type"`
	Data map[string][]byte `json:"data"`
}

type lookupAnswer struct {
	// Credentials holds a list for each name, in the order in which the kubelet tries them.
	Credentials [][]credential `json:"credentials"`
	// Error is set when the kubelet cannot make a keyring of these Secrets.
	Error string `json:"error,omitempty"`
}

type credential struct {
	Username []byte `json:"username"`
	Password []byte `json:"password"`
	Secret   string `json:"secret"`
}

type selectorRequest struct {
	Text   string       `json:"text"`
	Labels []labels.Set `json:"labels"`
}

type selectorAnswer struct {
	Matches []bool `json:"matches"`
	Error   string `json:"error,omitempty"`
}

func main() {
	// The kubelet logs every key that it drops.
	klog.SetLogger(logr.Discard())

	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(in io.Reader, out io.Writer) error {
	reader := bufio.NewReaderSize(in, 1<<20)
	writer := bufio.NewWriterSize(out, 1<<20)
	encoder := json.NewEncoder(writer)
	encoder.SetEscapeHTML(false)
	for {
		line, readErr := reader.ReadBytes('\n')
		if len(line) > 0 {
			if err := encoder.Encode(reply(line)); err != nil {
				return err
			}
		}
		// Answers wait for company while more questions are there.
		if reader.Buffered() == 0 || readErr != nil {
			if err := writer.Flush(); err != nil {
				return err
			}
		}
		if readErr == io.EOF {
			return nil
		}
		if readErr != nil {
			return readErr
		}
	}
}

func reply(line []byte) answer {
	var asked request
	if err := json.Unmarshal(line, &asked); err != nil {
		return answer{Error: err.Error()}
	}
	var given answer
	for _, text := range asked.Images {
		given.Images = append(given.Images, parseImage(text))
	}
	for _, raw := range asked.Keys {
		given.Keys = append(given.Keys, normalise(raw))
	}
	if asked.Lookup != nil {
		given.Lookup = lookup(asked.Lookup)
	}
	if asked.Selector != nil {
		given.Selector = selectLabels(asked.Selector)
	}
	return given
}

func parseImage(text string) image {
	name, tag, digest, err := parsers.ParseImageName(text)
	if err != nil {
		return image{Error: err.Error()}
	}
	return image{Name: name, Tag: tag, Digest: digest}
}

// normalise reads the key out of the keyring's own index: the kubelet exports no function for it.
func normalise(raw string) key {
	keyring := &credentialprovider.BasicDockerKeyring{}
	add := reflect.ValueOf(keyring).MethodByName("Add")
	arguments := []reflect.Value{reflect.ValueOf(credentialprovider.DockerConfig{raw: {}})}
	if add.Type().NumIn() == 2 {
		// Since Kubernetes 1.33 the source of the credentials comes first.
		arguments = append([]reflect.Value{reflect.Zero(add.Type().In(0))}, arguments...)
	}
	add.Call(arguments)
	index := reflect.ValueOf(keyring).Elem().FieldByName("index")
	if index.Len() == 0 {
		return key{Dropped: true}
	}
	return key{Normalised: []byte(index.Index(0).String())}
}

func lookup(asked *lookupRequest) *lookupAnswer {
	pullSecrets := make([]corev1.Secret, 0, len(asked.Secrets))
	for _, s := range asked.Secrets {
		pullSecrets = append(pullSecrets, corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Name: s.Name},
			Type:       corev1.SecretType(s.Type),
			Data:       s.Data,
		})
	}
	keyring, err := secrets.MakeDockerKeyring(pullSecrets, &credentialprovider.BasicDockerKeyring{})
	if err != nil {
		return &lookupAnswer{Error: err.Error()}
	}
	given := &lookupAnswer{Credentials: make([][]credential, 0, len(asked.Names))}
	for _, name := range asked.Names {
		found, _ := keyring.Lookup(name)
		credentials := make([]credential, 0, len(found))
		for _, config := range found {
			credentials = append(credentials, credential{
				Username: []byte(config.Username),
				Password: []byte(config.Password),
				Secret:   secretName(reflect.ValueOf(config)),
			})
		}
		given.Credentials = append(given.Credentials, credentials)
	}
	return given
}

// secretName is where a credential came from, which the kubelet keeps since Kubernetes 1.35 (as an option since 1.33).
func secretName(config reflect.Value) string {
	source := config.FieldByName("Source")
	if !source.IsValid() || source.IsNil() {
		return ""
	}
	secret := source.Elem().FieldByName("Secret")
	if secret.IsNil() {
		return ""
	}
	return secret.Elem().FieldByName("Name").String()
}

func selectLabels(asked *selectorRequest) *selectorAnswer {
	selector, err := labels.Parse(asked.Text)
	if err != nil {
		return &selectorAnswer{Error: err.Error()}
	}
	given := &selectorAnswer{Matches: make([]bool, 0, len(asked.Labels))}
	for _, set := range asked.Labels {
		given.Matches = append(given.Matches, selector.Matches(set))
	}
	return given
}
