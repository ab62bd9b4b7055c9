package dev.playground.monitoring.charts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;

/** Reads Kubernetes objects from YAML as strictly as the API server does. */
public final class KubernetesObjects {
    private static final String OPERATOR = "monitoring.coreos.com/v1";

    /** The kinds that the charts may render, by API version. */
    private static final Map<String, List<String>> KINDS =
            Map.of(
                    "v1",
                    kinds(
                            "ConfigMap Namespace PersistentVolumeClaim Pod Secret Service ServiceAccount"),
                    "apps/v1",
                    kinds("DaemonSet Deployment StatefulSet"),
                    "autoscaling/v2",
                    kinds("HorizontalPodAutoscaler"),
                    "networking.k8s.io/v1",
                    kinds("Ingress NetworkPolicy"),
                    "policy/v1",
                    kinds("PodDisruptionBudget"),
                    "rbac.authorization.k8s.io/v1",
                    kinds("Role RoleBinding ClusterRole ClusterRoleBinding"),
                    OPERATOR,
                    kinds("PrometheusRule ServiceMonitor"));

    private static final List<CoercionInputShape> OTHERS =
            List.of(
                    CoercionInputShape.Boolean,
                    CoercionInputShape.Integer,
                    CoercionInputShape.Float);

    private static final KubernetesSerialization CLASSES = new KubernetesSerialization();

    /** For the operator's kinds, which fabric8 has no classes for. */
    private static final JsonMapper LENIENT =
            JsonMapper.builder()
                    // The API server does not read a number or a boolean as a string either.
                    .withCoercionConfig(
                            LogicalType.Textual,
                            text -> {
                                for (CoercionInputShape shape : OTHERS) {
                                    text.setCoercion(shape, CoercionAction.Fail);
                                }
                            })
                    .build();

    /** For Kubernetes' own kinds: rejects a field that the kind does not have. */
    private static final JsonMapper STRICT =
            LENIENT.rebuild()
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .annotationIntrospector(
                            new JacksonAnnotationIntrospector() {
                                private static final long serialVersionUID = 1L;

                                // The model's classes collect unknown fields in a map.
                                @Override
                                public Boolean hasAnySetter(Annotated annotated) {
                                    return false;
                                }
                            })
                    .build();

    private KubernetesObjects() {}

    private static List<String> kinds(String names) {
        return List.of(names.split(" "));
    }

    /**
     * @throws RuntimeException for invalid YAML, a duplicate key, an unknown kind or field, or a
     *     value of another type
     */
    public static List<HasMetadata> parse(String yaml) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        List<HasMetadata> objects = new ArrayList<>();
        for (Object document : new Yaml(options).loadAll(yaml)) {
            if (document != null) {
                objects.add(object((Map<?, ?>) document));
            }
        }
        return objects;
    }

    private static HasMetadata object(Map<?, ?> document) {
        String version = String.valueOf(document.get("apiVersion"));
        String kind = String.valueOf(document.get("kind"));
        assertThat(KINDS.getOrDefault(version, List.of())).as("kinds of " + version).contains(kind);
        return version.equals(OPERATOR)
                ? LENIENT.convertValue(document, GenericKubernetesResource.class)
                : (HasMetadata)
                        STRICT.convertValue(
                                document, CLASSES.getRegisteredKubernetesResource(version, kind));
    }

    static JsonNode json(Object object) {
        return LENIENT.valueToTree(object);
    }
}
