// SPDX-FileCopyrightText: Slipway contributors
// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"net/http"
	"strings"
	"unicode"
)

const (
	dimensions = 16
	maxText    = 64 << 10
	sampleText = "Deploy in small steps, watch what users feel, and keep the way back open."
)

// Transformed is a text as the toy model sees it: a unit vector by the hashing trick.
type Transformed struct {
	Tokens int                 `json:"tokens"`
	Digest string              `json:"digest"`
	Vector [dimensions]float64 `json:"vector"`
}

func transform(text string) Transformed {
	tokens := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	result := Transformed{Tokens: len(tokens)}
	for _, token := range tokens {
		h := fnv.New32a()
		h.Write([]byte(token))
		sum := h.Sum32()
		sign := 1 - 2*float64(sum>>31)
		result.Vector[sum%dimensions] += sign
	}
	var square float64
	for _, x := range result.Vector {
		square += x * x
	}
	if square > 0 {
		for i := range result.Vector {
			result.Vector[i] = math.Round(result.Vector[i]/math.Sqrt(square)*1e6) / 1e6
		}
	}
	digest := sha256.Sum256([]byte(strings.Join(tokens, " ")))
	result.Digest = hex.EncodeToString(digest[:8])
	return result
}

// requestText is the text of a request: ?text= of a GET, or the body of a POST, JSON {"text": ...} or plain.
func requestText(w http.ResponseWriter, r *http.Request) (string, int, error) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		if text := r.URL.Query().Get("text"); text != "" {
			return text, http.StatusOK, nil
		}
		return sampleText, http.StatusOK, nil
	case http.MethodPost:
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxText))
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return "", http.StatusRequestEntityTooLarge, fmt.Errorf("body: more than %d bytes", maxText)
		}
		if err != nil {
			return "", http.StatusBadRequest, err
		}
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			return string(body), http.StatusOK, nil
		}
		var document struct {
			Text string `json:"text"`
		}
		if err := json.Unmarshal(body, &document); err != nil {
			return "", http.StatusBadRequest, errors.New(`body: want JSON such as {"text": "..."}`)
		}
		return document.Text, http.StatusOK, nil
	}
	return "", http.StatusMethodNotAllowed, fmt.Errorf("method %s: want GET or POST", r.Method)
}
