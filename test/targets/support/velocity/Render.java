import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.StringWriter;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.lang.StringEscapeUtils;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Renders mapping templates with Apache Velocity, in the variables API Gateway documents: $input, $util and $context. Reads lines of words, values in base64:
 * "template T", "header K V", "querystring K V", "path K V", "context K V" (K with dots), "body V"; at "render" it writes what came out, in base64, and forgets.
 */
public final class Render {
  /** $input */
  public static final class Input {
    final Map<String, Map<String, String>> params = new LinkedHashMap<>();
    String body = "";

    Input() {
      for (String kind : new String[] {"path", "querystring", "header"}) params.put(kind, new LinkedHashMap<>());
    }

    public Map<String, Map<String, String>> params() {
      return params;
    }

    public String getBody() {
      return body;
    }
  }

  /** $util */
  public static final class Util {
    public String escapeJavaScript(String text) {
      return StringEscapeUtils.escapeJavaScript(text);
    }

    public String base64Decode(String base64) {
      return text(base64);
    }
  }

  public static void main(String[] args) throws Exception {
    VelocityEngine engine = new VelocityEngine();
    engine.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
    engine.init();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    String template = "";
    Input input = new Input();
    Map<String, Object> context = new LinkedHashMap<>();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      if (words[0].equals("template")) {
        template = text(words[1]);
      } else if (words[0].equals("body")) {
        input.body = text(words[1]);
      } else if (words[0].equals("context")) {
        put(context, text(words[1]), text(words[2]));
      } else if (words[0].equals("render")) {
        System.out.println(Base64.getEncoder().encodeToString(render(engine, template, input, context).getBytes(UTF_8)));
        System.out.flush();
        input = new Input();
        context = new LinkedHashMap<>();
      } else {
        input.params.get(words[0]).put(text(words[1]), text(words[2]));
      }
    }
  }

  private static String render(VelocityEngine engine, String template, Input input, Map<String, Object> context) {
    VelocityContext variables = new VelocityContext();
    variables.put("input", input);
    variables.put("util", new Util());
    variables.put("context", context);
    StringWriter out = new StringWriter();
    engine.evaluate(variables, out, "template", template);
    return out.toString();
  }

  private static String text(String base64) {
    return new String(Base64.getDecoder().decode(base64), UTF_8);
  }

  @SuppressWarnings("unchecked")
  private static void put(Map<String, Object> map, String path, String value) {
    int dot = path.indexOf('.');
    if (dot == -1) map.put(path, value);
    else put((Map<String, Object>) map.computeIfAbsent(path.substring(0, dot), name -> new LinkedHashMap<String, Object>()), path.substring(dot + 1), value);
  }
}
