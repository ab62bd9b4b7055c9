package dev.playground.monitoring.charts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KubernetesObjectsTest {
    private static final String SERVICE =
            """
            apiVersion: v1
            kind: Service
            metadata: {name: a}
            spec: {ports: [{port: 1}]}
            """;

    @Test
    void readsAValidObject() {
        assertThat(KubernetesObjects.parse(SERVICE)).hasSize(1);
    }

    /** YAML reads {@code 2024}, {@code 1e5} and {@code on} as types other than string. */
    @ParameterizedTest
    @CsvSource({
        "port: 1, prt: 1, prt",
        "kind: Service, kind: Svc, Svc",
        "kind: Service, 'kind: Service\nkind: Service', duplicate key",
        "name: a, name: 2024, name",
        "name: a, name: 1e5, name",
        "name: a, name: on, name",
    })
    void rejectsAnInvalidObject(String valid, String invalid, String message) {
        assertThatThrownBy(() -> KubernetesObjects.parse(SERVICE.replace(valid, invalid)))
                .hasMessageContaining(message);
    }
}
