//! The screens: a first page that proves the pipeline.

use patternfly_yew::prelude::*;
use yew::prelude::*;

#[component(App)]
fn app() -> Html {
    html! {
        <Page>
            <PageSection>
                <Title>{ "MERA" }</Title>
                <Content>{ "The pipeline works." }</Content>
                <Button variant={ButtonVariant::Primary} icon={Icon::CheckCircle}>{ "Ready" }</Button>
            </PageSection>
        </Page>
    }
}

fn main() {
    yew::Renderer::<App>::new().render();
}
