package dev.playground.monitoring.charts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** One rendered object, read by JSON pointers. What is absent is a missing node. */
public record Manifest(JsonNode json) {
    /** Every object of a rendered chart, checked by {@link KubernetesObjects#parse}. */
    public static List<Manifest> parse(String yaml) {
        return KubernetesObjects.parse(yaml).stream()
                .map(object -> new Manifest(KubernetesObjects.json(object)))
                .toList();
    }

    public static List<Manifest> all(List<Manifest> objects, String kind) {
        return objects.stream().filter(object -> object.kind().equals(kind)).toList();
    }

    /** The one object of this kind and name. */
    public static Manifest one(List<Manifest> objects, String kind, String name) {
        List<Manifest> found =
                all(objects, kind).stream().filter(o -> o.name().equals(name)).toList();
        assertThat(found).as(kind + " " + name).hasSize(1);
        return found.get(0);
    }

    /** A workload or a pod. */
    public static List<Manifest> workloads(List<Manifest> objects) {
        return objects.stream().filter(o -> o.isPod() || o.at("/spec").has("template")).toList();
    }

    /** The workloads that keep pods running, without the pods of {@code helm test}. */
    public static List<Manifest> controllers(List<Manifest> objects) {
        return workloads(objects).stream().filter(object -> !object.isPod()).toList();
    }

    /** The one workload whose name has this suffix. */
    public static Manifest controller(List<Manifest> objects, String ending) {
        return controllers(objects).stream()
                .filter(controller -> controller.name().endsWith(ending))
                .findFirst()
                .orElseThrow();
    }

    /** The container of this name, which the charts give to one workload. */
    public static JsonNode container(List<Manifest> objects, String name) {
        return controllers(objects).stream()
                .flatMap(Manifest::containers)
                .filter(container -> text(container, "/name").equals(name))
                .findFirst()
                .orElseThrow();
    }

    public String kind() {
        return text("/kind");
    }

    public String name() {
        return text("/metadata/name");
    }

    public boolean isPod() {
        return kind().equals("Pod");
    }

    public JsonNode at(String pointer) {
        return json.at(pointer);
    }

    public String text(String pointer) {
        return text(json, pointer);
    }

    public static String text(JsonNode node, String pointer) {
        return node.at(pointer).asText();
    }

    public Map<String, String> map(String pointer) {
        return map(at(pointer));
    }

    public static Map<String, String> map(JsonNode node) {
        Map<String, String> map = new TreeMap<>();
        node.properties().forEach(entry -> map.put(entry.getKey(), entry.getValue().asText()));
        return map;
    }

    /** The labels that a workload or a Service finds its pods by. */
    public Map<String, String> selector() {
        return map(kind().equals("Service") ? "/spec/selector" : "/spec/selector/matchLabels");
    }

    /** The pod, or the template of the pods. */
    public JsonNode pod() {
        return isPod() ? json : at("/spec/template");
    }

    /** Whether a workload's pods have these labels. */
    public boolean matches(Map<String, String> selector) {
        return map(pod().at("/metadata/labels")).entrySet().containsAll(selector.entrySet());
    }

    public Stream<JsonNode> containers() {
        return pod().at("/spec/containers").valueStream();
    }

    /** The variables of a container, empty where another object has the value. */
    public static Map<String, String> environment(JsonNode container) {
        Map<String, String> environment = new TreeMap<>();
        container.path("env").forEach(v -> environment.put(text(v, "/name"), text(v, "/value")));
        return environment;
    }

    @Override
    public String toString() {
        return kind() + " " + name();
    }
}
