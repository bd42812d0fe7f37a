// What businesses send (buttons, lists, templates), as readable text, and what people answer.
#include "common/json.h"
#include "daemon/wa/content_parts.h"

#include "proto/e2e.pb.h"

#include <nlohmann/json.hpp>

namespace konekwa::wa::content_parts {
namespace {

constexpr int kCardsMax = 20;  // of a carousel; WhatsApp allows 10

// A picture, video or document on top makes it media with the body as caption.
template <class Header>
void read_header_media(const Header& header, Content& content) {
  if (header.has_image_message()) read(header.image_message(), content);
  if (header.has_video_message()) read(header.video_message(), content);
  if (header.has_document_message()) read(header.document_message(), content);
}

void set_body(std::string body, Content& content) {
  if (content.kind != Content::Kind::Media) content.kind = Content::Kind::Text;
  content.text = text_of(body);
}

void read_hydrated(const proto::HydratedTemplate& hydrated, Content& content) {
  read_header_media(hydrated, content);
  set_body(lines({hydrated.hydrated_title_text(), hydrated.hydrated_content_text(), hydrated.hydrated_footer_text()}),
           content);
}

std::string body_of(const proto::InteractiveMessage& message) {
  return lines({message.header().title(), message.header().subtitle(), message.body().text(), message.footer().text()});
}

// The "id" that native flows put into their parameters, as a button has one.
std::string id_in(const std::string& params_json) {
  const auto params = parse_json(params_json);
  if (!params || !params->is_object()) return {};
  const auto found = params->find("id");
  return found != params->end() && found->is_string() ? found->get<std::string>() : std::string();
}

void set_choice(ChoiceReply choice, Content& content) {
  content.kind = Content::Kind::Choice;
  content.text = choice.title;
  content.choice = std::move(choice);
}

}  // namespace

void read(const proto::ButtonsMessage& buttons, Content& content) {
  read_header_media(buttons, content);
  set_body(lines({buttons.text(), buttons.content_text(), buttons.footer_text()}), content);
}

void read(const proto::ListMessage& list, Content& content) {
  set_body(lines({list.title(), list.description(), list.footer_text()}), content);
}

void read(const proto::TemplateMessage& message, Content& content) {
  if (message.has_interactive_message_template()) return read(message.interactive_message_template(), content);
  read_hydrated(message.has_hydrated_template() ? message.hydrated_template() : message.hydrated_four_row_template(),
                content);
}

void read(const proto::HighlyStructuredMessage& message, Content& content) {
  if (message.has_hydrated_hsm()) read(message.hydrated_hsm(), content);
}

void read(const proto::InteractiveMessage& interactive, Content& content) {
  read_header_media(interactive.header(), content);
  std::string body = body_of(interactive);
  int count = 0;
  for (const proto::InteractiveMessage& card : interactive.carousel_message().cards()) {
    if (++count > kCardsMax) break;
    body = lines({body, body_of(card)});
  }
  set_body(std::move(body), content);
}

void read(const proto::ButtonsResponseMessage& response, Content& content) {
  set_choice({"button", name_of(response.selected_button_id()), name_of(response.selected_display_text()), "", ""},
             content);
}

void read(const proto::ListResponseMessage& response, Content& content) {
  set_choice({"list", name_of(response.single_select_reply().selected_row_id()), name_of(response.title()),
              name_of(response.description()), ""},
             content);
}

void read(const proto::TemplateButtonReplyMessage& reply, Content& content) {
  set_choice({"template", name_of(reply.selected_id()), name_of(reply.selected_display_text()), "", ""}, content);
}

void read(const proto::InteractiveResponseMessage& response, Content& content) {
  const std::string params = vcard_of(response.native_flow_response_message().params_json());
  set_choice({"interactive", name_of(id_in(params)), name_of(response.body().text()), "", params}, content);
}

}  // namespace konekwa::wa::content_parts
